"""The headings under which the tables are grouped, those of docs/analyst.md."""

ENCOUNTERS = "Encounters"
CUSTODY = "Custody and releases at the border"
DEPORTATIONS = "Arrests, detention, deportations"
ASYLUM = "Asylum and parole"
PLACES = "Places, statements, claims"
LABELS = "Releases and labels"
PROVENANCE = "Provenance of this build"
RAW = "As published"
SUBJECTS = (ENCOUNTERS, CUSTODY, DEPORTATIONS, ASYLUM, PLACES, LABELS, PROVENANCE, RAW)

OF_MAIN = {
    ENCOUNTERS: (
        "southwest_border_monthly",
        "southwest_border_monthly_history",
        "southwest_border_by_fiscal_year",
        "fct_southwest_encounters",
        "fct_encounters",
        "fct_encounters_by_state",
        "encounters_by_area_by_fiscal_year",
        "encounters_by_citizenship_by_fiscal_year",
        "encounters_by_demographic_by_fiscal_year",
        "encounters_by_state_by_fiscal_year",
        "fct_at_large",
        "fct_border_patrol_by_region",
        "fct_border_patrol_by_sector",
        "border_patrol_by_region_by_fiscal_year",
        "border_patrol_by_sector_by_fiscal_year",
        "fct_ohss_encounters",
        "cut_comparison",
        "border_patrol_comparison",
        "demographic_names",
        "demographic_names_history",
    ),
    CUSTODY: (
        "fct_custody_outcomes",
        "fct_custody_outcomes_by_family_status",
        "fct_custody_dispositions",
        "fct_daily_custody",
        "fct_inadmissibles_by_field_office",
    ),
    DEPORTATIONS: (
        "fct_administrative_arrests",
        "fct_detention_population",
        "fct_detention_daily_population",
        "fct_detention_length_of_stay",
        "fct_detention_book_ins",
        "fct_detention_book_outs",
        "fct_ice_book_ins",
        "fct_ice_book_outs",
        "fct_detention_removals",
        "ice_removals_between_releases",
        "fct_alternatives_to_detention",
        "fct_deportations",
        "fct_deportations_by_citizenship",
        "fct_deportations_by_criminality",
        "fct_deportations_by_arresting_agency",
        "fct_repatriations_by_kind",
        "deportations_by_fiscal_year",
    ),
    ASYLUM: ("fct_credible_fear", "fct_parole_processes", "ohss_fiscal_years"),
    PLACES: (
        "san_diego_local_impact",
        "san_diego_statements_by_month",
        "fct_jail_transfers_to_ice",
        "fct_local_statements",
        "fct_official_statements",
        "fct_street_releases",
        "claim_checks",
        "claim_evidence",
        "measures",
    ),
    LABELS: (
        "dim_release",
        "fct_encounter_revisions",
        "fct_deportation_revisions",
        "fct_custody_outcome_revisions",
        "fct_custody_revisions",
        "fct_detention_revisions",
        "fct_ohss_revisions",
        "revision_summary",
        "dim_month",
        "dim_area",
        "dim_citizenship",
        "dim_demographic",
    ),
}
_BY_NAME = {name: subject for subject, names in OF_MAIN.items() for name in names}
_BY_SCHEMA = {"meta": PROVENANCE, "raw": RAW}


def subject_of(schema: str, name: str) -> str:
    """The heading of a table; that of what each release reported is the heading of the current
    figures. A table of main without one is among the releases and labels."""
    return _BY_SCHEMA.get(schema) or _BY_NAME.get(name.removesuffix("_by_release"), LABELS)
