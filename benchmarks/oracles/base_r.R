# Figures by base R, with all digits: `Rscript base_r.R > base_r.csv`. Its output stands in base_r.csv, for machines
# without R; where there is one, a test runs this file again and compares.

accuracy <- data.frame(
  group = factor(rep(c("experimental", "control"), each = 25), levels = c("experimental", "control")),
  score = c(rep(7:10, c(4, 10, 10, 1)), rep(3:9, c(1, 4, 7, 5, 4, 3, 1)))
)
injuries <- data.frame(
  group = factor(rep(c("experimental", "control"), each = 25), levels = c("control", "experimental")),
  count = c(rep(0:4, c(9, 11, 3, 1, 1)), rep(3:10, c(2, 2, 2, 7, 6, 4, 1, 1))), hours = 48
)
plants <- matrix(PlantGrowth$weight, ncol = 3)
before <- sleep$extra[1:10]
after <- sleep$extra[11:20]

rows <- function(what, call, found, names) {
  value <- unlist(found, use.names = FALSE)
  stopifnot(length(value) == length(names))
  cat(sprintf('"%s, %s","%s",%.17g\n', names, what, gsub('"', "'", call), value), sep = "")
}
shown <- function(call) paste(deparse(call, width.cutoff = 500), collapse = "")
t_of <- function(what, call) {
  test <- eval(call)
  rows(what, shown(call), c(test$statistic, test$parameter, test$p.value, test$conf.int), c("t", "df", "p", "low", "high"))
}
spread_of <- function(what, y, g, centre, name) {
  found <- anova(lm(abs(y - ave(y, g, FUN = centre)) ~ g))
  rows(what, sprintf("anova(lm(abs(y - ave(y, g, FUN = %s)) ~ g))", name), c(found[1, 4], found[1, 5]), paste("Levene by", name, c("F", "p")))
}
of <- function(what, call, names, pick) rows(what, shown(call), pick(eval(call)), names)

cat("name,call,value\n")
t_of("sleep, Welch", quote(t.test(extra ~ group, sleep)))
t_of("sleep, Student", quote(t.test(extra ~ group, sleep, var.equal = TRUE)))
t_of("sleep, pairs", quote(t.test(before, after, paired = TRUE)))
t_of("teeth, Welch", quote(t.test(len ~ supp, ToothGrowth)))
t_of("accuracy, Welch", quote(t.test(score ~ group, accuracy)))
t_of("accuracy, Student", quote(t.test(score ~ group, accuracy, var.equal = TRUE)))
spread_of("accuracy", accuracy$score, accuracy$group, mean, "mean")
spread_of("accuracy", accuracy$score, accuracy$group, median, "median")
spread_of("plants", PlantGrowth$weight, PlantGrowth$group, mean, "mean")
spread_of("plants", PlantGrowth$weight, PlantGrowth$group, median, "median")
of("plants", quote(anova(lm(weight ~ group, PlantGrowth))), c("SS between", "SS within", "F", "p"),
   function(a) c(a[[2]], a[1, 4], a[1, 5]))
of("injuries", quote(anova(lm(count ~ group, injuries))), c("SS between", "SS within", "F", "p"),
   function(a) c(a[[2]], a[1, 4], a[1, 5]))
of("plants", quote(oneway.test(weight ~ group, PlantGrowth)), c("Welch F", "Welch df2", "Welch p"),
   function(a) c(a$statistic, a$parameter[2], a$p.value))
of("plants", quote(TukeyHSD(aov(weight ~ group, PlantGrowth))$group), paste("Tukey difference", 1:3), function(a) a[, "diff"])
of("plants", quote(kruskal.test(weight ~ group, PlantGrowth)), c("Kruskal-Wallis H", "Kruskal-Wallis p"),
   function(a) c(a$statistic, a$p.value))
of("cars", quote(wilcox.test(mpg ~ am, mtcars, exact = FALSE)), c("Mann-Whitney U", "Mann-Whitney p"),
   function(a) c(a$statistic, a$p.value))
of("accuracy", quote(wilcox.test(score ~ group, accuracy, exact = FALSE)), c("Mann-Whitney U", "Mann-Whitney p"),
   function(a) c(a$statistic, a$p.value))
of("plants", quote(wilcox.test(plants[, 2], plants[, 3])), c("exact U", "exact p"), function(a) c(a$statistic, a$p.value))
of("plants", quote(wilcox.test(plants[, 1], plants[, 3], paired = TRUE)), c("exact V", "exact V's p"),
   function(a) c(a$statistic, a$p.value))
of("cars", quote(shapiro.test(mtcars$mpg)), c("Shapiro-Wilk W", "Shapiro-Wilk p"), function(a) c(a$statistic, a$p.value))
of("accuracy, experimental", quote(shapiro.test(accuracy$score[1:25])), c("Shapiro-Wilk W", "Shapiro-Wilk p"),
   function(a) c(a$statistic, a$p.value))
of("plants as three times", quote(anova(lm(plants ~ 1), X = ~1, test = "Spherical")),
   c("F", "p", "Greenhouse-Geisser p", "Huynh-Feldt p"), function(a) unlist(a[1, c("F", "Pr(>F)", "G-G Pr", "H-F Pr")]))
of("plants as three times", quote(mauchly.test(lm(plants ~ 1), X = ~1)), c("Mauchly W", "Mauchly p"),
   function(a) c(a$statistic, a$p.value))
of("teeth, dose before", quote(summary(lm(len ~ dose + I(supp == "OJ"), ToothGrowth))$coefficients),
   c("ANCOVA difference", "ANCOVA SE", "ANCOVA p", "ANCOVA slope"), function(a) c(a[3, c(1, 2, 4)], a[2, 1]))
of("teeth, dose before", quote(anova(lm(len ~ dose + supp, ToothGrowth), lm(len ~ dose * supp, ToothGrowth))),
   c("F of slopes", "p of slopes"), function(a) c(a[2, 5], a[2, 6]))
poisson_fit <- function(family) summary(glm(count ~ group + offset(log(hours)), family, injuries, epsilon = 1e-14))
of("injuries", quote(poisson_fit(poisson)$coefficients), c("Poisson log ratio", "Poisson SE", "Poisson p"),
   function(a) a[2, c(1, 2, 4)])
of("injuries", quote(poisson_fit(quasipoisson)$coefficients), c("quasi-Poisson log ratio", "quasi-Poisson SE", "quasi-Poisson p"),
   function(a) a[2, c(1, 2, 4)])
of("injuries", quote(poisson_fit(quasipoisson)$dispersion), "Pearson dispersion", identity)
of("24 in 1,200 h", quote(poisson.test(24, 1200)), c("incidence low", "incidence high"), function(a) a$conf.int)
of("24 v 159 in 1,200 h", quote(poisson.test(c(24, 159), c(1200, 1200))), c("ratio low", "ratio high"), function(a) a$conf.int)
of("86 v 150", quote(mcnemar.test(matrix(c(794, 86, 150, 570), 2))), "McNemar, corrected, p", function(a) a$p.value)
of("86 v 150", quote(mcnemar.test(matrix(c(794, 86, 150, 570), 2), correct = FALSE)), "McNemar p", function(a) a$p.value)
of("five p", quote(p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")), paste("Holm", 1:5), identity)
of("five p", quote(p.adjust(c(0.05, 0.001, 0.03, 0.02, 0.011), "BH")), paste("BH", 1:5), identity)
of("25 + 25, d .8", quote(power.t.test(n = 25, delta = 0.8, strict = TRUE)), "power of t", function(a) a$power)
of("4 arms of 5", quote(power.anova.test(groups = 4, n = 5, between.var = 1, within.var = 3)), "power of ANOVA", function(a) a$power)
