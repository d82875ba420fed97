"""What the pictures show that only manage.py can make: code for its shell."""

from __future__ import annotations

MAKE_VIEWER = """
from django.contrib.auth.models import Group, User
user = User.objects.create_user({0!r}, password={1!r})
user.groups.add(Group.objects.get(name="viewers"))
"""


# The API's experiments are started with their creation. Prints what paths are made with.
MAKE_THE_REST = """
import json
from django.contrib.auth.models import User
from dashboard import mailing
from experiments import services
from experiments.goal_drafts import GoalDraft
from experiments.models import Experiment
from experiments.pages import create_page, home_page
from experiments.services import VariantDraft
from metrics.goals import add_goal
texts = {{"features_title": "What you get"}}
variants = [VariantDraft("control", 50), VariantDraft("shorter", 50, content=texts)]
draft = services.create_experiment(name="An experiment that is a draft", variants=variants)
add_goal(experiment_id=draft.id, draft=GoalDraft("Scrolled", event_types=("scroll_depth",)))
content = {{"hero_headline": "One plan for the whole team"}}
create_page(name="For teams", slug="teams", content=content)
print(json.dumps({{
    "draft": str(draft.id),
    "goal": str(draft.goals.get(name="Scrolled").pk),
    "page": str(home_page().pk),
    "variant": str(Experiment.objects.get(pk={0!r}).variants.get(position=1).pk),
    "reset": mailing.reset_key(User.objects.create_user("forgetful", password="for a moment")),
}}))
"""


# Prints the names of the URLs that answer with a page and aren't among the paths.
NAME_FORGOTTEN = """
import json
from django.urls import resolve
from tests.e2e.every_page import FILES, pages
shown = {{resolve(path).view_name for path in {0!r}}}
print(json.dumps(sorted(pages() - FILES - shown)))
"""
