import { playClasses } from "./play-classes.ts";

const LINES_SHOWN = 10;

/** Plays random sets of runner classes from a seed on; prints what one broke, and in the end what was played. */
export async function soakClasses(seed: number, sets: number, jobs: number): Promise<boolean> {
  const all = { classes: 0, ran: 0, swaps: 0, deaths: 0, failed: 0 };
  for (let index = 0; index < sets; index++) {
    const { classes, ran, swaps, deaths, broken } = await playClasses(seed + index, jobs);
    all.classes += classes.length;
    all.ran += ran;
    all.swaps += swaps;
    all.deaths += deaths;
    if ((index + 1) % 20 === 0) console.log(`${index + 1} sets played`);
    if (broken.length === 0) continue;
    all.failed++;
    const shown = broken.slice(0, LINES_SHOWN).map((line) => `  ${line}`);
    console.log([`seed ${seed + index}: ${broken.length} promises broken`, ...shown].join("\n"));
    console.log(JSON.stringify(classes, undefined, 1));
  }
  console.log(
    `seeds ${seed} to ${seed + sets - 1}: ${sets} sets, ${all.classes} classes, ${all.ran} jobs ran, ` +
      `${all.swaps} of them on a runner that was made for another, ${all.deaths} MicroVMs died, ${all.failed} sets failed`,
  );
  return all.failed === 0;
}
