/** What `--help` prints. */
export const HELP = `gha-microvm: sets a deployment of the module up, and looks at it.

  gha-microvm setup           makes the GitHub App, keeps its key in the account
                              and writes main.tf; looks first, and does what is
                              missing: setup --help says more
  gha-microvm remove          says in which order all of it is taken away; with
                              --yes does what set-up did, after the destroy
  gha-microvm doctor          checks everything that a job needs
                              exit code 0: nothing failed, 1: something did
  gha-microvm where JOB       says where a job is in its life; JOB is its URL,
                              .../actions/runs/RUN/job/JOB, or its id
                              exit code 0: over or running, 1: needs a person,
                              3: waiting, or cannot be told
  gha-microvm retry JOB       has a queued job launched anew at once
                              exit code 0: sent, 1: it is to get no runner here
  gha-microvm cost            what MicroVMs cost and how long jobs took, by
                              repository, workflow and class; --days N (7)
  gha-microvm pause WHY       has nothing launched: jobs wait, what runs goes on
  gha-microvm resume          has jobs launched again

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

/** What `setup --help` prints. */
export const SETUP_HELP = `gha-microvm setup: from nothing to the first job, resumed wherever it was left.

It looks at the account and confirms it, makes the GitHub App on a page of its
own (127.0.0.1, for one browser), stores the App's key in your account and not
on this disk, waits for the installation, and writes main.tf. After the apply,
run it again: it looks at everything and says how to run a first job.

  --owner LOGIN               organization or user to serve; asked for otherwise
  --repositories A,B          these alone, each with a webhook of its own
  --webhook terraform|app     who brings the jobs: a webhook that Terraform
                              makes (default), or the App's own
  --runner-group ID           runners in a group: no Administration permission
  --github URL                a GitHub Enterprise Server, or SUBDOMAIN.ghe.com
  --key ssm|secretsmanager|kms|file:PATH
                              where the App's key is kept (default ssm); kms
                              goes with --webhook app; a file is also in the
                              state of Terraform
  --kms-key ARN               your own KMS key over the parameter or the secret
  --port N                    of the page (default: any)
  --no-browser                prints an address instead, then wants
  --app-id N --key-file FILE  an App that is there, with a key of it
  --rotate-key                puts a new key in the old one's place
  --yes                       takes what is proposed, asks nothing

Exit code 0: done, 1: a check failed, 2: it could not look, 3: it waits for a
person or an apply: run it again, 130: Ctrl-C.`;
