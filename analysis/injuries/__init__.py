"""Injuries as rates: incidence, burden, prevalence."""
