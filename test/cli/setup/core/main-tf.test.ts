import { describe, expect, it } from "vitest";
import { githubPlace } from "../../../../cli/setup/core/github-place.ts";
import {
  type Configuration,
  environmentCommands,
  hasEphemeral,
  mainTf,
  startOf,
} from "../../../../cli/setup/core/main-tf.ts";

const PLAIN: Configuration = {
  tool: { name: "terraform", version: "1.11.4" },
  version: "1.2.3",
  moduleName: "gha_runner",
  prefix: "gha-microvm",
  region: "eu-west-1",
  place: githubPlace("https://github.com"),
  wish: { owner: "my-org", ownerType: "Organization", repositories: [], webhook: "organization" },
  key: "ssm",
  keyAt: "arn:aws:ssm:eu-west-1:123456789012:parameter/gha-microvm/github-app-key",
  appId: "123456",
  installationId: "12345678",
};

describe("the form of the configuration", () => {
  it.each([
    ["terraform", "1.9.8", false],
    ["terraform", "1.10.0", true],
    ["terraform", "1.11.4", true],
    ["terraform", "2.0.0", true],
    ["tofu", "1.10.6", false],
    ["tofu", "1.11.0", true],
    ["tofu", "1.11.0-rc1", true],
  ] as const)("goes by what is on the PATH: %s %s", (name, version, ephemeral) => {
    expect(hasEphemeral({ name, version })).toBe(ephemeral);
    const text = mainTf({ ...PLAIN, tool: { name, version } });
    expect(text.includes("ephemeral.aws_ssm_parameter")).toBe(ephemeral);
    expect(text.includes("app_auth {}")).toBe(!ephemeral);
    expect(text).toContain(ephemeral ? `required_version = ">= 1.1${name === "tofu" ? 1 : 0}"` : '">= 1.9"');
  });

  it("names the module's version, and a prefix, key and memory of one's own", () => {
    const text = mainTf({
      ...PLAIN,
      ...{ prefix: "ci", moduleName: "ci", memoryMib: 2_048 },
      kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/a",
    });

    expect(text).toMatch(/module "ci" \{\n\s+source\s+= "mkdev-me[^"]+"\n\s+version = "~> 1\.2\.0"/);
    expect(text).toMatch(/name_prefix = "ci"/);
    expect(text).toMatch(/kms_decryption_key_arn = "arn:aws:kms/);
    expect(text).toMatch(/runner_memory_mib = 2048/);
  });

  it("says what the environment is to hold where the key cannot be read by Terraform", () => {
    const old = { ...PLAIN, tool: { name: "terraform", version: "1.9.8" } } as const;
    expect(environmentCommands(old)[1]).toContain(`aws ssm get-parameter --name ${PLAIN.keyAt} --with-decryption`);
    expect(environmentCommands({ ...old, key: "secretsmanager" })[1]).toContain("get-secret-value");
  });

  it("has a file's text where the key is to be in one", () => {
    const text = mainTf({ ...PLAIN, key: "file", keyAt: "app.pem" });
    expect(text).toMatch(/private_key\s+= file\("app\.pem"\)/);
    expect(text).not.toContain("github_app_key_source");
  });
});

describe("the start's one line", () => {
  it.each([
    ['module "gha_runner" { source = "mkdev-me/github-runner-lambda-microvms/aws" }\n', "gha_runner"],
    ['module "ci" {\n  source = "mkdev-me/github-runner-lambda-microvms/aws"\n  version = "~> 1.0"\n}\n', "ci"],
    ['module "gha_runner" { source = "other/module/aws" }\n', undefined],
    ['module "a" { source = "mkdev-me/github-runner-lambda-microvms/aws" }\nresource "x" "y" {}\n', undefined],
    ["", undefined],
  ])("is known: %s", (text, name) => {
    expect(startOf(text)).toBe(name);
  });
});

describe("a GitHub", () => {
  it.each([
    ["https://github.com", "https://github.com", "https://api.github.com"],
    ["https://www.github.com/my-org", "https://github.com", "https://api.github.com"],
    ["https://acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com"],
    ["https://api.acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com"],
    ["https://github.example.com/", "https://github.example.com", "https://github.example.com/api/v3"],
  ])("has its pages and its API: %s", (text, htmlUrl, apiUrl) => {
    expect(githubPlace(text)).toMatchObject({ htmlUrl, apiUrl });
  });

  it.each(["github.com", "http://github.example.com", "ftp://github.com"])("is refused: %s", (text) => {
    expect(() => githubPlace(text)).toThrow(/--github wants/);
  });

  it("at a host of its own is named to the provider and the module", () => {
    const text = mainTf({ ...PLAIN, place: githubPlace("https://acme.ghe.com") });
    expect(text).toContain('base_url = "https://acme.ghe.com/"');
    expect(text).toMatch(/github_api_url\s+= "https:\/\/api\.acme\.ghe\.com"/);
  });
});
