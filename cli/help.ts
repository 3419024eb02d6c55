/** What `--help` prints. */
export const HELP = `gha-microvm: looks at a deployment of the module, and changes nothing.

  gha-microvm doctor          checks everything that a job needs
                              exit code 0: nothing failed, 1: something did

  --name-prefix PREFIX        the module's name_prefix (default gha-microvm)
  --json                      a document for programs instead of a table
  -h, --help                  this

Exit code 2: it could not look (arguments, credentials, no such deployment).
AWS is found as by the AWS CLI: AWS_REGION, AWS_PROFILE, keys, single sign-on.
GITHUB_TOKEN is used where the App's key may not be read.`;
