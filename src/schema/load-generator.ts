/**
 * Loads cdktf's binding generator. On being imported its command-line half runs `terraform version`, and reports to
 * HashiCorp when that fails: bindings need neither, so it is given a command that says nothing and told not to report.
 */
export async function loadGenerator() {
  const environment = { CHECKPOINT_DISABLE: "1", TERRAFORM_BINARY_NAME: "echo" };
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    // The package's own entry needs jsii-pacmak, which only bindings for other languages call for.
    const { TerraformProviderGenerator } = await import(
      "@cdktf/provider-generator/lib/get/generator/provider-generator.js"
    );
    return TerraformProviderGenerator;
  } finally {
    for (const name of Object.keys(environment)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}
