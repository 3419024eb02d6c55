import { hostedUsd, microvmUsd, storedMonthUsd } from "./print-costs.ts";

/** The costs in a sentence, from the same price files as the table. */
export function printCostsLine(): string {
  const job = (memoryMib: number) => `$${microvmUsd(memoryMib, 5).toFixed(3)}`;
  return [
    `A job of 5 minutes costs ${job(4_096)} at 4 GiB and ${job(8_192)} at 8 GiB (GitHub's 2-core arm64 runner:`,
    `$${hostedUsd("linux_2_core_arm", 5).toFixed(3)}); while nothing runs, a stored version of the image $${storedMonthUsd().toFixed(2)} a month.`,
    "[How that is computed](docs/ARCHITECTURE.md#what-it-costs).",
  ].join("\n");
}
