// What becomes the component: the plugin over the host's settings. The log's text tells why a call failed; a component
// that throws says nothing.

import log from "mortise:plugin/log@1.0.0";
import settings from "mortise:plugin/settings@1.0.0";
import { estimateGate } from "./plugin.js";

const plugin = estimateGate(settings);

function logged(run) {
  return (...given) => {
    try {
      return run(...given);
    } catch (error) {
      log.write("error", `${error}\n${error?.stack ?? ""}`, []);
      throw error;
    }
  };
}

export const workflow = {
  amend: logged(plugin.amend),
  validate: logged(plugin.validate),
  nextStates: logged(plugin.nextStates),
};
