"""Form rated by people who do not know the group: rubric, dealing of films, ratings, disagreements, scores."""
