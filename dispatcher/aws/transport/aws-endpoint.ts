const DNS_SUFFIXES: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, "amazonaws.com.cn"],
  [/^eusc-/, "amazonaws.eu"],
  [/^us-iso-/, "c2s.ic.gov"],
  [/^us-isob-/, "sc2s.sgov.gov"],
  [/^us-isof-/, "csp.hci.ic.gov"],
  [/^eu-isoe-/, "cloud.adc-e.uk"],
];

/** The public endpoint of a service in a Region, by the DNS suffix of the Region's partition. */
export function awsServiceEndpoint(service: string, region: string): string {
  const suffix = DNS_SUFFIXES.find(([pattern]) => pattern.test(region))?.[1] ?? "amazonaws.com";
  return `https://${service}.${region}.${suffix}`;
}

/**
 * The name that a service signs with and has in its endpoint: MicroVMs are a service of their own to the SDKs alone.
 */
export function signingName(service: string): string {
  return service === "lambda-microvms" ? "lambda" : service;
}
