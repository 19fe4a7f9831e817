"""Calls of huggingface_hub that no command of its own makes; prints what each came to as JSON. Argument: a model with a version."""

import json
import sys

from huggingface_hub import HfApi, ModelCard, auth_check, metadata_update

model = sys.argv[1]
api = HfApi()
outcomes = {}


def call(name, run):
    try:
        outcomes[name] = run()
    except Exception as error:
        response = getattr(error, "response", None)
        outcomes[name] = {
            "error": type(error).__name__,
            "status": getattr(response, "status_code", None),
            "text": str(error),
        }


def refs():
    found = api.list_repo_refs(model, include_pull_requests=True)
    return {
        "branches": sorted(branch.name for branch in found.branches),
        "tags": {tag.name: tag.target_commit for tag in found.tags},
        "pull requests": found.pull_requests,
    }


# Both ask for a judgement of the card without a token.
call("push a card", lambda: ModelCard("---\nlicense: mit\n---\n\n# Pushed\n").push_to_hub(model).oid)
call("update metadata", lambda: bool(metadata_update(model, {"library_name": "transformers"})))
call("metadata", lambda: ModelCard.load(model).data.to_dict())

call("list", lambda: sorted(found.id for found in api.list_models()))
call("list an author's", lambda: [found.id for found in api.list_models(author="acme", limit=1)])
call("search", lambda: [found.id for found in api.list_models(search="OTHER tiny")])
call("list in full", lambda: [[f.sha, [s.rfilename for s in f.siblings]] for f in api.list_models(author="acme", full=True)])
call("list expanded", lambda: [[f.gated, f.sha] for f in api.list_models(author="acme", expand=["gated", "sha"])])
call("list by tag", lambda: [found.id for found in api.list_models(filter="gguf")])

call("may read", lambda: auth_check(model))
call("may write", lambda: auth_check(model, write=True))
call("may read nothing", lambda: auth_check("acme/nowhere"))
call("may read without token", lambda: auth_check(model, token=False))

call("branch", lambda: api.create_branch(model, branch="trial/one"))
call("branch again", lambda: api.create_branch(model, branch="trial/one"))
call("branch again, exist_ok", lambda: api.create_branch(model, branch="trial/one", exist_ok=True))
call("forbidden branch", lambda: api.create_branch(model, branch="refs/pr/5"))
call("tag", lambda: api.create_tag(model, tag="v1", tag_message="The first"))
call("tag a branch", lambda: api.create_tag(model, tag="v2", revision="trial/one"))
call("tag again", lambda: api.create_tag(model, tag="v1"))
call("tag again, exist_ok", lambda: api.create_tag(model, tag="v1", exist_ok=True))
call("tag nowhere", lambda: api.create_tag(model, tag="v3", revision="nowhere"))
call("no tag's name", lambda: api.create_tag(model, tag="a tag"))
call("refs", refs)
call("head", lambda: api.model_info(model).sha)
call("tagged", lambda: api.model_info(model, revision="v1").sha)
call("delete branch", lambda: api.delete_branch(model, branch="trial/one"))
call("delete branch again", lambda: api.delete_branch(model, branch="trial/one"))
call("delete main", lambda: api.delete_branch(model, branch="main"))
call("delete tag as branch", lambda: api.delete_branch(model, branch="v1"))
call("delete tag", lambda: api.delete_tag(model, tag="v2"))
call("delete tag again", lambda: api.delete_tag(model, tag="v2"))
call("deleted", lambda: api.model_info(model, revision="v2").sha)
call("refs at last", refs)

json.dump(outcomes, sys.stdout, default=str)
