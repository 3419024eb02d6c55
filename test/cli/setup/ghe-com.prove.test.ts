import { expect, it, onTestFinished, vi } from "vitest";
import { applyConfiguration, runOneJob } from "./apply-configuration.ts";
import { setUp } from "./set-up.ts";
import { type SetupLab, setupPolicy, startSetupLab } from "./setup-lab.ts";

const PAGES = "https://acme.ghe.com";
const API = "https://api.acme.ghe.com";

/** Leads the names of a GitHub with data residency to the lab's, in this process and in the functions. */
function standInFor(lab: SetupLab): void {
  const real = globalThis.fetch;
  const places = [
    { name: API, here: lab.github.apiUrl },
    { name: PAGES, here: lab.github.htmlUrl },
  ];
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const place = places.find(({ name }) => url === name || url.startsWith(`${name}/`));
    return real(place === undefined ? input : `${place.here}${url.slice(place.name.length)}`, init);
  });
  onTestFinished(() => spy.mockRestore());
}

async function tellFunctions(lab: SetupLab): Promise<void> {
  for (const name of ["gha-microvm-dispatcher", "gha-microvm-redeliver"]) {
    const config = lab.aws.functions.get(name);
    if (config === undefined) throw new Error(`there is no function ${name}`);
    const environment = { ...config.environment, LAB_HOST: `${API}=${lab.github.apiUrl}` };
    await lab.aws.functions.put({ ...config, environment });
  }
}

it("sets up SUBDOMAIN.ghe.com, whose main.tf is applied and runs a job", async () => {
  const policy = setupPolicy();
  const all = { Sid: "Look", Effect: "Allow", Action: ["*"], Resource: "*" };
  const lab = await startSetupLab({}, { ...policy, Statement: [...policy.Statement, all] });
  onTestFinished(() => lab.stop());
  standInFor(lab);
  const { main, terminal, said } = await setUp(lab, ["--github", PAGES]);
  expect(main, terminal.text() + said()).toMatch(/base_url = "https:\/\/acme\.ghe\.com\/"/);
  expect(main).toMatch(/github_api_url\s+= "https:\/\/api\.acme\.ghe\.com"/);

  const applied = await applyConfiguration(lab, { "main.tf": main });
  onTestFinished(() => applied.close());
  expect(await applied.kept()).not.toContain("PRIVATE KEY");
  await tellFunctions(lab);
  const last = lab.run(["--yes", "--github", PAGES]);
  expect(await last.code, last.terminal.text() + last.said()).toBe(0);
  await runOneJob(lab);
  lab.github.assertFaithful();
});
