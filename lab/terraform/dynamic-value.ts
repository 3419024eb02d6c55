import { decode, ExtensionCodec, encode } from "@msgpack/msgpack";
import type { Value, Values } from "./behaviour.ts";

/**
 * A value that Terraform does not know yet. On the wire it is MessagePack extension 0, or 12 when something is known
 * about it (a prefix, not null): the bytes are kept, so that what came from Terraform goes back unchanged.
 */
export class Unknown {
  readonly type: number;
  readonly data: Uint8Array;

  constructor(type = 0, data: Uint8Array = new Uint8Array([0])) {
    this.type = type;
    this.data = data;
  }
}

/** A value as it stands in a plan: as {@link Value}, and any part of it may be unknown. */
export type PlanValue = string | number | boolean | null | Unknown | PlanValue[] | PlanValues;
export type PlanValues = { [name: string]: PlanValue };

/** `DynamicValue` of the protocol. */
export interface DynamicValue {
  msgpack?: Uint8Array;
  json?: Uint8Array;
}

const PLAIN = 0;
const REFINED = 12;
const extensionCodec = new ExtensionCodec();
for (const type of [PLAIN, REFINED]) {
  extensionCodec.register({
    type,
    encode: (value) => (value instanceof Unknown && value.type === type ? value.data : null),
    // The decoder reuses its buffer.
    decode: (data) => new Unknown(type, data.slice()),
  });
}

/** Reads a value off the wire; an absent one is null. */
export function decodeValue(wire: DynamicValue | null | undefined): PlanValue {
  if (wire?.msgpack !== undefined && wire.msgpack.length > 0) {
    // Terraform sends cty values only, all of which are PlanValues.
    return decode(wire.msgpack, { extensionCodec }) as PlanValue;
  }
  if (wire?.json !== undefined && wire.json.length > 0) return JSON.parse(Buffer.from(wire.json).toString("utf8"));
  return null;
}

/** As {@link decodeValue}, for a whole resource: an object, or null. */
export function decodeObject(wire: DynamicValue | null | undefined): PlanValues | null {
  const value = decodeValue(wire);
  if (value === null || isObject(value)) return value;
  throw new Error("expected an object or null from Terraform");
}

/** Puts a value on the wire. */
export function encodeValue(value: PlanValue): DynamicValue {
  return { msgpack: encode(value, { extensionCodec }) };
}

/** Whether a value is an object or a map. */
export function isObject(value: PlanValue | undefined): value is PlanValues {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

/** Whether a value, or any part of it, is unknown. */
export function hasUnknown(value: PlanValue | undefined): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** An object without what is unknown in it: such attributes and elements are absent. */
export function knownPart(values: PlanValues): Values {
  const known: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (!(value instanceof Unknown)) known[name] = knownValue(value);
  }
  return known;
}

function knownValue(value: Exclude<PlanValue, Unknown>): Value {
  if (Array.isArray(value)) return value.flatMap((item) => (item instanceof Unknown ? [] : [knownValue(item)]));
  return isObject(value) ? knownPart(value) : value;
}

/** Whether two values are the same; sets compare as the lists that Terraform sorts them into. */
export function sameValue(left: PlanValue | undefined, right: PlanValue | undefined): boolean {
  if (left === right) return true;
  if (left instanceof Unknown || right instanceof Unknown) return false;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, i) => sameValue(item, right[i]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => sameValue(left[name], right[name]));
}
