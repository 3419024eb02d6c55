import type { DynamicValue } from "./dynamic-value.ts";

// Messages of plugin.proto, as far as the lab reads them.

export interface TypedRequest {
  type_name: string;
}
export interface ConfigRequest extends TypedRequest {
  config: DynamicValue | null;
}
export interface ChangeRequest extends ConfigRequest {
  prior_state: DynamicValue | null;
}
export interface PlanRequest extends ChangeRequest {
  proposed_new_state: DynamicValue | null;
  prior_private: Uint8Array;
}
export interface ApplyRequest extends ChangeRequest {
  planned_state: DynamicValue | null;
  planned_private: Uint8Array;
}
export interface ReadRequest extends TypedRequest {
  current_state: DynamicValue | null;
  private: Uint8Array;
}
export interface UpgradeRequest extends TypedRequest {
  raw_state: { json: Uint8Array } | null;
}
