/** What the service bills of a MicroVM as its baseline. */

/** US dollars for a second of one vCPU and of one gigabyte of memory. */
export interface BaselinePrice {
  readonly vcpu: number;
  readonly gigabyte: number;
}

/** The vCPUs of a baseline of that size: 1 per 2 GiB (Lambda MicroVMs guide, images). */
export function baselineVcpus(memoryMib: number): number {
  return memoryMib / 2_048;
}

/** What a running MicroVM's baseline costs, in US dollars. */
export function baselineUsd(price: BaselinePrice, memoryMib: number, seconds: number): number {
  return seconds * (baselineVcpus(memoryMib) * price.vcpu + (memoryMib / 1_024) * price.gigabyte);
}
