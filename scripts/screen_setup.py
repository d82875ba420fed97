"""What the pictures show that only manage.py can make: code for its shell."""

from __future__ import annotations

MAKE_VIEWER = """
from django.contrib.auth.models import Group, User
user = User.objects.create_user({0!r}, password={1!r})
user.groups.add(Group.objects.get(name="viewers"))
"""


# The API's experiments are started with their creation.
MAKE_DRAFT = """
from experiments import services
from experiments.goal_drafts import GoalDraft
from experiments.services import VariantDraft
from metrics.goals import add_goal
texts = {"features_title": "What you get"}
variants = [VariantDraft("control", 50), VariantDraft("shorter", 50, content=texts)]
draft = services.create_experiment(name="An experiment that is a draft", variants=variants)
add_goal(experiment_id=draft.id, draft=GoalDraft("Scrolled", event_types=("scroll_depth",)))
print(draft.id)
"""
