"""Goals in templates: {{ goal|goal_sentences }}."""

from __future__ import annotations

from django import template

from dashboard import goal_words

register = template.Library()
register.filter("goal_sentences", goal_words.goal_sentences)
