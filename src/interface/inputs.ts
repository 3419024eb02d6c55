import { dispatcherInputs, generalInputs } from "./aws-inputs.ts";
import { customisationInputs } from "./customisation-inputs.ts";
import { dockerInputs } from "./docker-inputs.ts";
import { githubApp, githubInputs } from "./github-inputs.ts";
import type { Input, Section } from "./input.ts";
import { monitoringInputs } from "./monitoring-inputs.ts";
import { runnerClasses } from "./runner-classes-input.ts";
import { runnerInputs } from "./runner-inputs.ts";
import { runnerVersionInputs } from "./runner-version-inputs.ts";

/** Every input of the module: the required one first, then by section and name. */
export const INPUT_SECTIONS: readonly Section<Input>[] = [
  { title: "Required", entries: [githubApp] },
  { title: "GitHub", entries: githubInputs },
  { title: "Runner image", entries: runnerInputs },
  { title: "Customisation of the image", entries: customisationInputs },
  { title: "Docker in the image", entries: dockerInputs },
  { title: "Actions runner", entries: runnerVersionInputs },
  { title: "Classes of runners", entries: [runnerClasses] },
  { title: "Dispatcher", entries: dispatcherInputs },
  { title: "Monitoring", entries: monitoringInputs },
  { title: "General", entries: generalInputs },
];
