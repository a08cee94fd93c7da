//! From a text to a checked tree.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::Parser;

use super::literal::{Operand, described};
use super::tree::{Calculation, Comparison, Number, Test};
use super::{DEEPEST, MOST_STEPS, Refusal, literal};
use crate::fact::{Fact, Kind};

const SHOWN: &str = "Boleh dipakai: nama fakta, bilangan bulat, teks dalam kutip, true, false, && || ! == != < <= > >= in + - * / % ?: dan kode.startsWith(\"..\").";

pub(super) fn test(text: &str) -> Result<Test, Refusal> {
    literal::require_plain(text)?;
    let parser = Parser::new().max_recursion_depth(DEEPEST as u16 * 2).error_recovery_limit(1);
    let (expression, source) =
        parser.parse_with_source_info(text).map_err(|it| syntax(text, &it))?;
    let mut check = Check { source: &source, steps: 0 };
    let found = check.operand(&expression, 0)?;
    check.test(found, &expression)
}

fn syntax(text: &str, errors: &cel::ParseErrors) -> Refusal {
    let first = errors.errors.iter().find(|it| 0 < it.pos.0).or(errors.errors.first());
    let at = first.map_or(0, |it| {
        let (line, column) = (it.pos.0.max(1) - 1, it.pos.1.max(1) - 1);
        let lines: usize = text.split_inclusive('\n').take(line.unsigned_abs()).map(str::len).sum();
        (lines + column.unsigned_abs()).min(text.len())
    });
    let told = "Ungkapan tidak dapat dibaca mulai dari sini.".to_owned();
    Refusal::new(
        "RULE_SYNTAX",
        at,
        told,
        format!("Periksa tanda kurung, kutip, dan operator. {SHOWN}"),
    )
}

struct Check<'a> {
    source: &'a SourceInfo,
    steps: usize,
}

impl Check<'_> {
    fn at(&self, expression: &IdedExpr) -> usize {
        self.source.offset_for(expression.id).map_or(0, |it| it.0 as usize)
    }

    fn operand(&mut self, expression: &IdedExpr, depth: usize) -> Result<Operand, Refusal> {
        self.steps += 1;
        let at = self.at(expression);
        if MOST_STEPS < self.steps || DEEPEST < depth {
            let told = format!(
                "Ungkapan terlalu panjang: paling banyak {MOST_STEPS} bagian dan {DEEPEST} tingkat."
            );
            return Err(Refusal::new("RULE_TOO_LONG", at, told, "Pecah menjadi beberapa aturan."));
        }
        match &expression.expr {
            Expr::Ident(name) => match Fact::from_name(name) {
                Some(fact) => Ok(Operand::of(fact)),
                None => Err(unknown_fact(name, at)),
            },
            Expr::Literal(LiteralValue::Boolean(value)) => {
                Ok(Operand::Test(Test::Always(*value.inner())))
            }
            Expr::Literal(LiteralValue::Int(value)) => {
                Ok(Operand::Number(Number::Written(*value.inner())))
            }
            Expr::Literal(LiteralValue::String(value)) => {
                Ok(Operand::Text(value.inner().to_owned()))
            }
            Expr::Literal(_) => {
                let told = "Nilai ini bukan bilangan bulat, teks, true, atau false.".to_owned();
                let remedy = "Tulis rupiah sebagai bilangan bulat, misalnya 4800000000.";
                Err(Refusal::new("WRONG_TYPE", at, told, remedy))
            }
            Expr::List(list) if list.optional_indices.is_empty() => {
                let items =
                    list.elements.iter().map(|it| Ok((self.operand(it, depth + 1)?, self.at(it))));
                Ok(Operand::List(items.collect::<Result<_, Refusal>>()?))
            }
            Expr::Call(call) => self.call(call, at, depth),
            _ => Err(not_allowed(at)),
        }
    }

    fn call(&mut self, call: &CallExpr, at: usize, depth: usize) -> Result<Operand, Refusal> {
        let mut of = Vec::new();
        for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
            of.push((self.operand(part, depth + 1)?, self.at(part)));
        }
        let mut of = of.into_iter();
        let mut next = || of.next().ok_or_else(|| not_allowed(at));
        let operand = match (call.func_name.as_str(), call.args.len()) {
            (operators::LOGICAL_NOT, 1) => Test::Not(Box::new(as_test(next()?)?)).into(),
            (operators::LOGICAL_AND, 2) => {
                Test::And(Box::new([as_test(next()?)?, as_test(next()?)?])).into()
            }
            (operators::LOGICAL_OR, 2) => {
                Test::Or(Box::new([as_test(next()?)?, as_test(next()?)?])).into()
            }
            (operators::EQUALS, 2) => literal::equal(next()?, next()?, at)?.into(),
            (operators::NOT_EQUALS, 2) => {
                Test::Not(Box::new(literal::equal(next()?, next()?, at)?)).into()
            }
            (operators::LESS, 2) => ordered(Comparison::Less, next()?, next()?)?.into(),
            (operators::LESS_EQUALS, 2) => {
                ordered(Comparison::LessOrEqual, next()?, next()?)?.into()
            }
            (operators::GREATER, 2) => {
                let (one, two) = (next()?, next()?);
                ordered(Comparison::Less, two, one)?.into()
            }
            (operators::GREATER_EQUALS, 2) => {
                let (one, two) = (next()?, next()?);
                ordered(Comparison::LessOrEqual, two, one)?.into()
            }
            (operators::IN, 2) => literal::one_of(next()?, next()?)?.into(),
            ("startsWith", 1) if call.target.is_some() => {
                literal::begins(next()?, next()?, at)?.into()
            }
            (operators::NEGATE, 1) => {
                Operand::Number(Number::Negative(Box::new(as_number(next()?)?)))
            }
            (operators::ADD, 2) => sum(Calculation::Add, next()?, next()?)?,
            (operators::SUBSTRACT, 2) => sum(Calculation::Subtract, next()?, next()?)?,
            (operators::MULTIPLY, 2) => sum(Calculation::Multiply, next()?, next()?)?,
            (operators::DIVIDE, 2) => sum(Calculation::Divide, next()?, next()?)?,
            (operators::MODULO, 2) => sum(Calculation::Remainder, next()?, next()?)?,
            (operators::CONDITIONAL, 3) => {
                let condition = as_test(next()?)?;
                match (next()?, next()?) {
                    ((Operand::Number(then), _), or_else) => {
                        let or_else = as_number(or_else)?;
                        Operand::Number(Number::If(Box::new((condition, then, or_else))))
                    }
                    (then, or_else) => {
                        Test::If(Box::new([condition, as_test(then)?, as_test(or_else)?])).into()
                    }
                }
            }
            _ => return Err(not_allowed(at)),
        };
        Ok(operand)
    }

    fn test(&self, found: Operand, whole: &IdedExpr) -> Result<Test, Refusal> {
        as_test((found, self.at(whole)))
    }
}

fn as_test((operand, at): (Operand, usize)) -> Result<Test, Refusal> {
    match operand {
        Operand::Test(test) => Ok(test),
        other => Err(literal::wrong("benar/salah", &other, at)),
    }
}

fn as_number((operand, at): (Operand, usize)) -> Result<Number, Refusal> {
    match operand {
        Operand::Number(number) => Ok(number),
        other => Err(literal::wrong("bilangan bulat", &other, at)),
    }
}

fn ordered(how: Comparison, one: (Operand, usize), two: (Operand, usize)) -> Result<Test, Refusal> {
    Ok(Test::Compare(how, Box::new([as_number(one)?, as_number(two)?])))
}

fn sum(how: Calculation, one: (Operand, usize), two: (Operand, usize)) -> Result<Operand, Refusal> {
    let at = two.1;
    let (one, two) = (as_number(one)?, as_number(two)?);
    let divides = matches!(how, Calculation::Divide | Calculation::Remainder);
    if divides && two == Number::Written(0) {
        let told = "Pembagian dengan nol.".to_owned();
        return Err(Refusal::new("DIVISION_BY_ZERO", at, told, "Pakai pembagi selain nol."));
    }
    Ok(Operand::Number(Number::Sum(how, Box::new([one, two]))))
}

fn unknown_fact(name: &str, at: usize) -> Refusal {
    let shown: String = name.chars().take(40).collect();
    let near = Fact::ALL.iter().map(|it| it.name()).min_by_key(|it| described::distance(it, name));
    let remedy = match near.filter(|it| described::distance(it, name) <= 4) {
        Some(near) => format!("Mungkin maksudnya {near}? Daftar fakta ada di docs/financing.md."),
        None => "Daftar fakta ada di docs/financing.md.".to_owned(),
    };
    Refusal::new("UNKNOWN_FACT", at, format!("Tidak ada fakta bernama {shown:?}."), remedy)
}

fn not_allowed(at: usize) -> Refusal {
    let told =
        "Pemanggilan, perulangan, atau bentuk ini tidak boleh dipakai dalam aturan.".to_owned();
    Refusal::new("RULE_NOT_ALLOWED", at, told, SHOWN)
}

impl From<Test> for Operand {
    fn from(test: Test) -> Operand {
        Operand::Test(test)
    }
}

impl Operand {
    fn of(fact: Fact) -> Operand {
        match fact.kind() {
            Kind::Flag => Operand::Test(Test::Flag(fact)),
            Kind::Number => Operand::Number(Number::Fact(fact)),
            Kind::Choice(_) | Kind::Code(_) => Operand::Named(fact),
        }
    }
}
