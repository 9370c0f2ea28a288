"""What both scripts begin with: who deploys where, and how a command is sent, repeated and waited for."""

from __future__ import annotations

from streamctl.aws.failures import NOT_YET_CONSISTENT, THROTTLED
from streamctl.config.model import NAME_PATTERN
from streamctl.engine.resource import OWNER_TAG


def head(script: str, does: str, default: str | None, *, asks: bool = False) -> str:
    """The first lines of a script, up to its argument; `default` is the name without one."""
    usage = f"./{script}{' [--yes]' if asks else ''} {'[NAME]' if default else 'NAME'}"
    lines = [does + ", in the account that the AWS CLI is signed in to and the region of AWS_REGION,"]
    lines += ["AWS_DEFAULT_REGION or the profile."]
    lines += [f"NAME is {default} unless another is given."] if default else []
    lines += ["Asks before it deletes anything, unless --yes is given."] if asks else []
    return f"""\
#!/usr/bin/env bash
# {does}: {usage}
set -euo pipefail
cd "$(dirname "${{BASH_SOURCE[0]}}")"

say() {{ printf '%s\\n' "$*" >&2; }}

fail() {{
  say "$*"
  exit 1
}}

GIVEN=
{"YES=" if asks else ""}
for argument; do
  case $argument in
    -h | --help)
      cat <<'USAGE'
Usage: {usage}

{chr(10).join(lines)}
USAGE
      exit
      ;;
{"    --yes) YES=yes ;;" if asks else ""}
    -*) fail "There is no option $argument. See: ./{script} --help" ;;
    *)
      [[ ! $GIVEN ]] || fail "There is one name for a pipeline, not two: $GIVEN $argument. See: ./{script} --help"
      GIVEN=$argument
      ;;
  esac
done
NAME=${{GIVEN:-{default or ""}}}
"""


WHERE = rf"""
pattern='{NAME_PATTERN}'
[[ $NAME =~ $pattern ]] || fail "Not a name for a pipeline: '$NAME'. It has to match $pattern"
command -v aws >/dev/null || fail "There is no aws command: install the AWS CLI, version 1 or 2."
export AWS_PAGER="" # version 2 would show every answer page by page
REGION=${{AWS_REGION:-${{AWS_DEFAULT_REGION:-$(aws configure get region || true)}}}}
[[ $REGION ]] || fail "No AWS region is set: set AWS_REGION."
export AWS_REGION=$REGION AWS_DEFAULT_REGION=$REGION
caller=$(aws sts get-caller-identity --query '[Account, Arn]' --output text) ||
  fail "AWS does not say who you are: sign in first."
IFS=$'\t:' read -r ACCOUNT _ PARTITION _ <<<"$caller"
: "$ACCOUNT" # not every pipeline needs it
[[ $PARTITION == aws-cn ]] && DOMAIN=amazonaws.com.cn || DOMAIN=amazonaws.com
SQS=${{AWS_ENDPOINT_URL_SQS:-${{AWS_ENDPOINT_URL:-https://sqs.$REGION.$DOMAIN}}}}

# Version 1 of the CLI would go to an old address of SQS, whatever AWS_ENDPOINT_URL says.
aws() {{
  if [[ $1 == sqs ]]; then
    set -- "$@" --endpoint-url "$SQS"
  fi
  command aws "$@"
}}
"""

ASK = """
if [[ ! $YES ]]; then
  question="Delete $NAME in $REGION of account $ACCOUNT, with all its data? Type the name: "
  read -r -p "$question" answer || fail "Nothing was deleted: nobody is here to answer. Without asking: --yes"
  [[ $answer == "$NAME" ]] || fail "Nothing was deleted."
fi
"""

RETRY = f"""
GONE='[(](404|NoSuch[A-Za-z]+|[A-Za-z.]*NotFound[A-Za-z]*|[A-Za-z.]*NonExistentQueue|QueueDoesNotExist)[)]'
PASSING='{"|".join([*NOT_YET_CONSISTENT, *sorted(rf"[(]{code}[)]" for code in THROTTLED)])}'

# Runs a command, again for three minutes while AWS refuses it for a reason that passes.
retry() {{
  local refusal limit=$((SECONDS + 180))
  until {{ refusal=$("$@" 2>&1 >&3); }} 3>&1; do
    if ! [[ $refusal =~ $PASSING ]] || ((SECONDS > limit)); then
      fail "$refusal"
    fi
    sleep 2
  done
}}

# Says what AWS answers, and nothing where the thing is not there. The CLI says None for each page without it.
ask() {{
  local answer
  if answer=$(retry "$@" 2>&1); then
    answer=${{answer//None$'\\n'/}}
    [[ $answer == None ]] || printf '%s' "${{answer%$'\\n'None}}"
  else
    [[ $answer =~ $GONE ]] || fail "$answer"
  fi
}}
"""

DEPLOYING = """
trap '(($? == 0)) || say "Broken off. To begin anew: ./teardown.sh $NAME deletes what there is of it."' EXIT

# Runs a command whose answer nobody needs.
send() { retry "$@" >/dev/null; }

# Says what AWS answers, once it does: a moment after a create it may not know the thing yet.
learn() {
  local answer limit=$((SECONDS + 60))
  while true; do
    answer=$(ask "$@") || exit
    [[ ! $answer ]] || break
    ((SECONDS < limit)) || fail "AWS does not tell: $*"
    sleep 1
  done
  printf '%s' "$answer"
}

# Asks until the answer is the one that is wanted: ready ANSWER SECONDS aws …
ready() {
  local answer wanted=$1 limit=$((SECONDS + $2))
  shift 2
  while true; do
    answer=$(ask "$@")
    [[ $answer != "$wanted" ]] || return 0
    ((SECONDS < limit)) || fail "Gave up waiting for '$wanted': $answer"
    sleep 1
  done
}
"""

DELETING = """
# Runs a command that may find that the thing is gone.
send() {
  local answer
  answer=$(retry "$@" 2>&1 >/dev/null) || [[ $answer =~ $GONE ]] || fail "$answer"
}

# Asks until AWS does not know the thing any more: gone SECONDS aws …
gone() {
  local answer limit=$((SECONDS + $1))
  shift
  while true; do
    answer=$(ask "$@")
    [[ $answer ]] || return 0
    ((SECONDS < limit)) || fail "Gave up waiting for the end of it: $answer"
    sleep 1
  done
}
"""

OWNED = f"""
# KMS tells of a key for 7 days after its end.
owned=$(ask aws resourcegroupstaggingapi get-resources --tag-filters "Key={OWNER_TAG},Values=$NAME" \\
  --query "ResourceTagMappingList[?!contains(ResourceARN, ':kms:')].ResourceARN | [0]" --output text)
[[ ! $owned ]] || fail "Nothing was deleted: ${{owned%%$'\\n'*}} is streamctl's: streamctl down --name $NAME deletes it.
(Of what was deleted just now, AWS may go on telling for some minutes.)"
"""

PROTECTED = """
# Says that nothing is deleted where AWS would refuse to delete a table.
refuse_protected() {
  local answer
  answer=$(ask aws dynamodb describe-table --table-name "$1" --query Table.DeletionProtectionEnabled --output text)
  [[ $answer != True ]] || fail "Nothing was deleted: the table $1 is protected against deletion. To take that off:
aws dynamodb update-table --no-deletion-protection-enabled --table-name $1"
}
"""

EMPTYING = """
# Deletes all that a bucket holds, every version of it: AWS deletes no other bucket than an empty one.
empty() {
  local held refused
  while true; do
    held=$(ask aws s3api list-object-versions --bucket "$1" --max-items 100 --output json \\
      --query '[Versions, DeleteMarkers][] | [].{Key: Key, VersionId: VersionId}')
    [[ $held == *VersionId* ]] || return 0
    refused=$(retry aws s3api delete-objects --bucket "$1" --query 'Errors[0].[Key, Message]' --output text \\
      --delete "{\\"Quiet\\": true, \\"Objects\\": $held}")
    [[ $refused == None ]] || fail "S3 does not delete all that $1 holds: $refused"
  done
}
"""
