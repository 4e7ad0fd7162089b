// The plugin on Node: no server and no WebAssembly.

import assert from "node:assert/strict";
import test from "node:test";
import { estimateGate } from "./plugin.js";

const plugin = (settings = {}) =>
  estimateGate({ get: (key) => (key in settings ? JSON.stringify(settings[key]) : null) });
const issue = (more = {}) => ({
  key: "ENG-1", state: doing, description: "", estimate: null, assignees: [], dueDate: null, ...more,
});
const state = (key, category) => ({ id: key, key, name: key, category });
const done = state("done", "completed");
const doing = state("doing", "started");
const to = (state) => ({ tag: "transition", val: { from: doing, to: state, changes: [] } });

test("an issue without estimate is not completed", () => {
  assert.deepEqual(plugin().validate({}, issue(), to(done)), {
    tag: "deny",
    val: { message: "ENG-1 is not done: estimate is missing", fields: [{ key: "estimate", message: "is missing" }] },
  });
});

test("nor is one created completed", () => {
  const verdict = plugin().validate({}, issue({ key: "", state: done }), { tag: "create" });
  assert.equal(verdict.val.message, "this issue is not done: estimate is missing");
  assert.deepEqual(verdict.val.fields, [{ key: "estimate", message: "is missing" }]);
});

test("an issue with an estimate is, even of nothing", () => {
  assert.deepEqual(plugin().validate({}, issue({ estimate: 0 }), to(done)), { tag: "allow" });
});

test("a company may ask for other fields", () => {
  const verdict = plugin({ required: ["assignees", "due-date"] }).validate({}, issue(), to(done));
  assert.deepEqual(verdict.val.fields.map((field) => field.key), ["assignees", "due-date"]);
});

test("other proposals are not its affair", () => {
  for (const proposal of [{ tag: "create" }, { tag: "comment", val: "hello" }, to(doing)]) {
    assert.deepEqual(plugin().validate({}, issue(), proposal), { tag: "allow" });
  }
});

test("a whole board is narrowed at once", () => {
  const answer = plugin().nextStates({}, [issue(), issue({ estimate: 1 })], [[doing, done], [done]]);
  assert.deepEqual(answer, [
    [
      { state: doing, enabled: true, whyNot: null },
      { state: done, enabled: false, whyNot: "estimate is missing" },
    ],
    [{ state: done, enabled: true, whyNot: null }],
  ]);
});
