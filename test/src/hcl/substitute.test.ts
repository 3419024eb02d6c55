import { expect, it } from "vitest";
import { and, because, call, conditional, forExpression, index, not, ref, template } from "../../../src/hcl/build.ts";
import { printBody } from "../../../src/hcl/print.ts";
import { substitute } from "../../../src/hcl/substitute.ts";

const printed = (value: Parameters<typeof substitute>[0]) =>
  printBody([{ kind: "attribute", name: "value", value }]).replaceAll(/\s+/g, " ");

it("puts another in the place of a reference, wherever it stands, and leaves all else as it is", () => {
  const old = ref("var.old");
  const value = conditional(
    and(not(call("contains", [old, 1, true, null], index(old, "key"))), ref("var.other")),
    template("a ", old),
    forExpression(["name", "each"], old, {
      key: ref("name"),
      value: { member: old },
      when: call("can", old),
    }),
  );
  const renamed = substitute(value, (path) => (path === "var.old" ? ref("var.new") : undefined));
  expect(printed(renamed)).toBe(printed(value).replaceAll("var.old", "var.new"));
  expect(substitute(renamed, () => undefined)).toEqual(renamed);
});

it("works on lists made by a for without a key too", () => {
  const value = forExpression(["each"], ref("var.old"), { value: ref("each") });
  expect(substitute(value, (path) => (path === "var.old" ? ref("var.new") : undefined))).toEqual(
    forExpression(["each"], ref("var.new"), { value: ref("each") }),
  );
});

it("keeps the reason that a value is given", () => {
  const replaced = substitute(because(ref("var.old"), "a reason"), () => ref("var.new"));
  expect(replaced).toEqual(because(ref("var.new"), "a reason"));
});
