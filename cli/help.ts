/** What `--help` prints. */
export const HELP = `gha-microvm: looks at a deployment of the module; retry alone changes something.

  gha-microvm doctor          checks everything that a job needs
                              exit code 0: nothing failed, 1: something did
  gha-microvm where JOB       says where a job is in its life; JOB is its URL,
                              .../actions/runs/RUN/job/JOB, or its id
                              exit code 0: over or running, 1: needs a person,
                              3: waiting, or cannot be told
  gha-microvm retry JOB       has a queued job launched anew at once
                              exit code 0: sent, 1: it is to get no runner here

  --name-prefix PREFIX        the module's name_prefix (default gha-microvm)
  --region REGION             in place of AWS_REGION
  --profile PROFILE           in place of AWS_PROFILE
  --json                      a document for programs instead of a table
  --version                   the module's version that this is of
  -h, --help                  this

Exit code 2: it could not look (arguments, credentials, no such deployment).
AWS is found as by the AWS CLI: AWS_REGION, AWS_PROFILE, keys, single sign-on.
GITHUB_TOKEN is used by where and retry, and by doctor where it may not read the
App's key.`;
