/** What the service bills as the baseline of each memory size: 1 vCPU per 2 GiB (Lambda MicroVMs guide, images). */
const TIERS_MIB = [512, 1_024, 2_048, 4_096, 8_192] as const;
/** The guest sees up to this many times its baseline. */
const PEAK = 4;

/** The baseline that a guest with this much memory was given, in MiB: the kernel keeps some of it for itself. */
export function memoryTierMib(guestTotalKib: number): number {
  const baselineMib = guestTotalKib / 1_024 / PEAK;
  return TIERS_MIB.find((tier) => baselineMib <= tier) ?? TIERS_MIB[TIERS_MIB.length - 1] ?? 0;
}
