// Nothing is completed without an estimate. Which fields are asked for is a setting, so a company may ask for more.
//
// The same plugin is beside this in Rust and in Python. It knows nothing of how the contract's functions are imported: that
// is in component.js, so that the tests can run this file on Node.

const FILLED = {
  estimate: (issue) => issue.estimate !== null && issue.estimate !== undefined,
  assignees: (issue) => issue.assignees.length > 0,
  "due-date": (issue) => Boolean(issue.dueDate),
  description: (issue) => issue.description.trim() !== "",
};

/** Whether the issue would be completed: by a move, or because it is created so. */
function completes(issue, proposal) {
  if (proposal.tag === "create") return issue.state.category === "completed";
  return proposal.tag === "transition" && proposal.val.to.category === "completed";
}

/** The plugin over these settings: an object with `get(key)`, which answers JSON text or null. */
export function estimateGate(settings) {
  const required = () => {
    const text = settings.get("required");
    return text === null || text === undefined ? ["estimate"] : JSON.parse(text);
  };
  const missing = (issue, fields) => fields.filter((field) => FILLED[field] && !FILLED[field](issue));
  const sentence = (fields) => `${fields.join(", ")} ${fields.length === 1 ? "is" : "are"} missing`;

  return {
    amend(call, issue, proposal) {
      return [];
    },

    validate(call, issue, proposal) {
      const fields = completes(issue, proposal) ? missing(issue, required()) : [];
      if (fields.length === 0) return { tag: "allow" };
      // One that is being created has no key yet.
      const message = `${issue.key || "this issue"} is not done: ${sentence(fields)}`;
      const marked = fields.map((key) => ({ key, message: "is missing" }));
      return { tag: "deny", val: { message, fields: marked } };
    },

    nextStates(call, issues, candidates) {
      const fields = required();
      return issues.map((issue, at) => {
        const without = missing(issue, fields);
        return candidates[at].map((state) => {
          const enabled = state.category !== "completed" || without.length === 0;
          return { state, enabled, whyNot: enabled ? null : sentence(without) };
        });
      });
    },
  };
}
