"""Questionnaires: what is asked, when, who has answered, scores of scales, and who may read them."""
