#!/usr/bin/env bash
# Make a release on this machine: make release VERSION=0.3.0. Every check comes before the tag; nothing is pushed.
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:-}
stop() { echo "release: $*" >&2; exit 1; }

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || stop "give the version: make release VERSION=0.3.0 (found: '$version')"
[[ -z $(git status --porcelain) ]] || stop "the working tree is not clean; commit or put away first: git status"
grep -qx "version = \"$version\"" pyproject.toml || stop "pyproject.toml says $(grep -m1 '^version' pyproject.toml); set it to $version and commit"
grep -q "^version: $version$" CITATION.cff || stop "CITATION.cff does not say version: $version"
grep -Eq "^## \[?$version\]?( |$)" CHANGELOG.md || stop "CHANGELOG.md has no section '## $version'; name what was 'Unreleased'"
! git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null || stop "the tag v$version is there already"

make check test
rm -rf dist
make wheel
wheel=$(ls dist/merida-"$version"-py3-none-any.whl)
sdist=$(ls dist/merida-"$version".tar.gz)

# The wheel alone, in an environment and a folder that hold nothing of the repository.
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
python3 -m venv "$empty/venv"
"$empty/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r requirements.lock
"$empty/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$wheel"
(cd "$empty" && env -u PYTHONPATH HOME="$empty" venv/bin/merida doctor && env -u PYTHONPATH HOME="$empty" venv/bin/merida facts check --format json >/dev/null)

git tag -a "v$version" -m "Mérida $version"
printf 'release: v%s is tagged here, and nothing was pushed. To publish it: git push origin v%s\n' "$version" "$version"
du -h "$wheel" "$sdist"
sha256sum "$wheel" "$sdist"
