import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { applyConfiguration } from "./apply-configuration.ts";
import { setUp } from "./set-up.ts";
import { startSetupLab } from "./setup-lab.ts";

const LABELS = ["self-hosted", "linux", "arm64", "microvm"];

it("loses no job when the App's key is rotated while one runs and another waits", async () => {
  const lab = await startSetupLab();
  const { main } = await setUp(lab, []);
  const applied = await applyConfiguration(lab, { "main.tf": main });
  try {
    const app = lab.github.apps().at(-1);
    if (app === undefined) throw new Error("no App was made");
    const [first] = app.publicKeys;
    const queue = (durationMs: number) =>
      lab.github.queueJob({ repository: "my-org/shop", labels: LABELS, durationMs });
    const running = queue(8_000);
    await eventually(() => expect(running.status).toBe("in_progress"));

    const file = join(lab.folder, "new.pem");
    await writeFile(file, (await lab.github.addAppKey(app)).privateKey);
    const rotated = lab.run(["--rotate-key", "--key-file", file]);
    const waiting = queue(200);
    expect(await rotated.code, rotated.terminal.text() + rotated.said()).toBe(0);
    expect(rotated.terminal.text()).toContain("delete the key SHA256:");
    // As its last line asks for; functions that are warm still have the old one.
    app.publicKeys = app.publicKeys.filter((key) => key !== first);
    const after = queue(200);

    await eventually(() => {
      expect([running, waiting, after].map(({ conclusion }) => conclusion)).toEqual(["success", "success", "success"]);
      expect(lab.aws.leftovers().microvms).toEqual([]);
    });
    lab.github.assertFaithful();
  } finally {
    await applied.close();
    await lab.stop();
  }
});
