"""Every index earns what it costs each write."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

# Each index of the tables that we made, and who looks into it. A key that only keeps rows apart
# says so.
INDEXES = {
    "api_token_name_once": "keeps valid tokens' names apart",
    "experiments_apitoken_pkey": "tokens.revoke_token",
    "experiments_apitoken_prefix_key": "tokens.token_for",
    "audit_by_actor": "audit.actors, audit.page_of one of them",
    "audit_newest_first": "audit.page_of",
    "audit_of_experiment": "audit.page_of an experiment",
    "audit_of_object": "audit.last_changes",
    "experiments_auditentry_pkey": "audit.AuditFilter.entries, for the export",
    "experiments_assignment_pkey": "store.ENROL, ingest.sql",
    "experiments_config_version_pkey": "keeps it one row",
    "experiment_newest_first": "selectors.experiments_newest_first",
    "experiments_experiment_pkey": "selectors.experiment_by_id",
    "experiments_goal_pkey": "the foreign keys to it",
    "goal_kind_once": "keeps goals' counts apart",
    "goal_one_primary": "keeps the primary goal one",
    "goal_position_once": "querysets.with_goals",
    "experiments_invitation_pkey": "invitations.withdraw_invitation",
    "invitation_secret_once": "invitations.invitation_for",
    "experiments_page_pkey": "pages.change_page",
    "experiments_page_slug_1b110475_like": "Django's own, beside the next",
    "experiments_page_slug_key": "keeps pages' addresses apart",
    "page_one_home": "pages.home_page",
    "experiments_phase_pkey": "querysets.with_phase",
    "phase_one_under_way": "keeps the phase under way one",
    "experiments_plan_pkey": "the experiment's page",
    "experiments_toggle_key_key": "selectors.toggles_by_key",
    "experiments_toggle_pkey": "toggles.update_toggle",
    "experiments_variant_pkey": "the foreign keys to it",
    "variant_position_once": "querysets.with_variants",
    "lead_email_once": "leads.add_lead",
    "lead_newest_first": "leads.leads_newest_first",
    "metrics_dailycount_pkey": "ingest.sql, phase_counts.sql, counts.totals_for",
    "event_by_the_moment": "recent.recent_events, recent.silent_since",
    "metrics_event_pkey": "ingest.sql",
    "metrics_dailysum_pkey": "sums.sql, phase_sums.sql",
    "metrics_eventclaim_pkey": "ingest.sql",
    "metrics_firstoccurrence_pkey": "ingest.sql",
    "metrics_lead_pkey": "the dashboard's deletion of one",
    "metrics_pagecount_pkey": "raise_pages.sql, shown.shown_for",
    "metrics_plannedlook_pkey": "planned_looks.sql",
    "metrics_prunedmonth_pkey": "partitions.ensure_months",
    "metrics_visitortotal_pkey": "sums.sql",
}


def test_every_index_is_one_that_a_query_needs() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid "
            "JOIN pg_class AS t ON t.oid = indrelid "
            "WHERE t.relname ~ '^(experiments|metrics)_' AND NOT c.relispartition"
        )
        assert sorted(name for (name,) in cursor.fetchall()) == sorted(INDEXES)
