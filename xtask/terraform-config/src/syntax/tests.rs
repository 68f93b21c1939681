use std::path::Path;

use super::{parse_expression, parse_file};
use crate::value::Value;

/// Texts that `terraform fmt -` (1.11.4) accepts, and those that it refuses, with the line that is complained of here.
const FILES: &[(&str, Option<usize>)] = &[
    ("", None),
    ("a = 1 # x", None),
    ("\u{feff}a = 1\n", None),
    ("a = 1\r\nb {\r\n}\r\n", None),
    ("a = 1\rb = 2\r", Some(1)),
    ("a =\u{a0}1\n", Some(1)),
    ("é = 1\nü-ö = 2\n変数 = \"x\"\n_a = 1\n", None),
    ("-a = 1\n", Some(1)),
    ("\"a\" = 1\n", Some(1)),
    ("for = 1\nif = 2\nnull = 3\n", None),
    ("a = 1\na = 2\n", Some(2)),
    ("a == 1\n", Some(1)),
    ("a = 1;\n", Some(1)),
    ("a = 'x'\n", Some(1)),
    ("a =\n", Some(1)),
    // Comments.
    ("/* x\n */ a = 1\n", None),
    ("a /* x */ = 1 /* y\n */\n", None),
    ("a = 1 /* x\n */ b = 2\n", Some(2)),
    ("a = {\n b = 1 # x\n c = 2 // y\n}\n", None),
    ("a = 1\n/* x\n", Some(2)),
    // Blocks.
    ("a b \"c\" {}\n", None),
    ("a \"$${x}\" {}\n", None),
    ("a \"${x}\" {}\n", Some(1)),
    ("a 1 {}\n", Some(1)),
    ("a { b = 1 }\n", None),
    ("a { /* x */ b = 1 /* y */ }\n", None),
    ("a { b = 1, c = 2 }\n", Some(1)),
    ("a { b {} }\n", Some(1)),
    ("a { b = 1\n}\n", Some(1)),
    ("a {\n b = 1 }\n", Some(2)),
    ("a\n{\n}\n", Some(1)),
    ("a {} b {}\n", Some(1)),
    ("a { # x\n}\n", None),
    ("}\n", Some(1)),
    // Objects, lists and calls.
    ("a = { b = 1, b = 2 }\n", None),
    ("a = { b : 1\n c = 2, }\n", None),
    ("a = { b = 1\n , c = 2 }\n", Some(2)),
    ("a = { b =\n 1 }\n", Some(1)),
    ("a = { b = 1 c = 2 }\n", Some(1)),
    ("a = { null = 1, true = 2, in = 3, 1 = 4, (b) = 5, \"${b}x\" = 6 }\n", None),
    ("a = { for = 1 }\n", Some(1)),
    ("a = { \"for\" = 1 }\n", None),
    ("a = [1,\n 2,\n]\n", None),
    ("a = [,1]\n", Some(1)),
    ("a = f (1,)\n", None),
    ("a = f(x...\n)\n", None),
    ("a = f(x...,)\n", Some(1)),
    ("a = provider::x::y(1)\n", None),
    ("a = b::c\n", Some(1)),
    // Expressions.
    ("a = (b\n ? c\n : d)\n", None),
    ("a = b ?\n c : d\n", Some(1)),
    ("a = 1 +\n 2\n", Some(1)),
    ("a = --1\nb = !!c\n", None),
    ("a = b.0.c\nd = e.*.f[0]\ng = h[ * ].i\nj = k[\n0\n]\n", None),
    ("a = b.0.1\n", Some(1)),
    ("a = (b\n.c)\n", None),
    ("a = b.\nc\n", Some(1)),
    ("a = 1e5\nb = 007\n", None),
    ("a = 1.\n", Some(1)),
    ("a = 1a\n", Some(1)),
    ("a = {\n for k, v in y :\n k => v...\n if v }\n", None),
    ("a = {for x in y : x}\n", Some(1)),
    // Strings.
    ("a = \"$x $ $$ %% 5% $\"\n", None),
    ("a = \"${\nb # x\n}\"\n", None),
    ("a = \"${f(\"x\")}\"\n", None),
    ("a = \"${}\"\n", Some(1)),
    ("a = \"x\ny\"\n", Some(1)),
    ("a = \"\\q\"\n", Some(1)),
    ("a = \"%{ if b }x%{ else }y%{ endif }\"\n", None),
    ("a = \"%{ if b }x\"\n", Some(1)),
    ("a = \"%{ endif }\"\n", Some(1)),
    ("a = \"%{ for x in y ~}x%{ endfor ~}\"\n", None),
    ("a = <<E\r\nx\r\nE\r\n", None),
    ("a = <<E\nx\n  E  \n", None),
    ("a = <<E\nx\nE", Some(1)),
    ("a = << E\nx\nE\n", Some(1)),
    ("a = f(<<E\nx\nE\n)\n", None),
    ("a = [<<E\nx\nE,\n 1]\n", Some(1)),
];

#[test]
fn what_terraform_accepts_is_accepted_and_what_it_refuses_has_a_line() {
    for (text, expected) in FILES {
        let line = parse_file(Path::new("x.tf"), text).err().map(|error| error.line);
        assert_eq!(line, *expected, "{text}");
    }
}

#[test]
fn comments_are_handed_over_once_each() {
    let text = "# a\nx = { /* b */\n  y = 1 // c\r\n  ## d\n}\n/* e\n f */\nz = \"# no ${ 1 /* g */ }\"\nh = <<E\n# no\nE\n/* i */ j = 1";
    let file = parse_file(Path::new("x.tf"), text).unwrap();
    let found: Vec<_> = file.comments.iter().map(|it| (it.line, it.last_line, it.stands_alone, it.text.as_str())).collect();
    let expected = [
        (1, 1, true, "a"),
        (2, 2, false, "b"),
        (3, 3, false, "c"),
        (4, 4, true, "d"),
        (6, 7, true, "e\n f"),
        (8, 8, false, "g"),
        (12, 12, false, "i"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn expressions_are_trees() {
    for (text, expected) in [
        ("1 + 2 * -a == 3 && !b || c", "((((1 + (2 * -a)) == 3) && !b) || c)"),
        ("a ? b : c ? d : e", "a ? b : c ? d : e"),
        ("(a ? b : c).d", "(a ? b : c).d"),
        ("local.x[\"k\"].0.y[*].z", "local.x[\"k\"][0].y[*].z"),
        ("a.*.b[0].c", "(a[*].b)[0].c"),
        ("a.*.b.0.c[1]", "(a[*].b[0].c)[1]"),
        ("a[*].b[0].c", "a[*].b[0].c"),
        ("(a[*].b)[0]", "(a[*].b)[0]"),
        ("(a.b)[0]", "a.b[0]"),
        ("f(x).*.y[0]", "(f(x)[*].y)[0]"),
        ("007.50", "7.5"),
        ("-0.0", "0"),
        ("{ b = 1, a = 2, b = 3, (a) = 4, \"c d\" = 5 }", "{ a = 2, b = 3, (a) = 4, \"c d\" = 5 }"),
        ("[for k, v in x : k if v]", "[for k, v in x : k if v]"),
        ("\"${\"a\"}-${1}-${b}\"", "\"a-1-${b}\""),
        ("\"${var.x}\"", "var.x"),
        ("\"$${x} %%{y} $z \\\"\\u00e9\\n\"", "\"$${x} %%{y} $z \\\"é\\n\""),
        ("\"a ${~ b ~} c\"", "\"a${b}c\""),
        ("\"%{ if a }x%{ endif }\"", "a ? \"x\" : \"\""),
        ("<<E\n  a ${b}\n \\n\nE\n", "\"  a ${b}\\n \\\\n\\n\""),
        ("<<-E\n    a\n\n      ${b}\n  \n    E\n", "\"a\\n\\n  ${b}\\n  \\n\""),
        ("provider::aws::arn_parse(x...)", "provider::aws::arn_parse(x...)"),
    ] {
        assert_eq!(parse_expression(text).unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn nesting_ends_before_the_stack_does() {
    for text in ["(".repeat(100_000), "[".repeat(100_000), "!".repeat(100_000), "\"${".repeat(100_000), vec!["1"; 100_000].join("+")] {
        assert!(parse_expression(&text).is_err());
    }
    assert!(parse_file(Path::new("x.tf"), &"a {\n".repeat(100_000)).is_err());
}

#[test]
fn parts_of_a_value_are_found_at_any_depth() {
    let value = parse_expression("{ a = [var.b, \"t-${local.c[each.key]}\"]\n d = f({ e = \"x\" }) }").unwrap();
    assert_eq!(value.texts(), ["a", "t-", "d", "e", "x"]);
    let references: Vec<String> = value.references().iter().map(ToString::to_string).collect();
    assert_eq!(references, ["var.b", "local.c[each.key]", "each.key"]);
    assert_eq!(value.get("d").map(|entry| entry.line), Some(2));
    assert_eq!(value.entries_within().len(), 3);
    let unknown = Value::Unknown(crate::Unknown { source: "x".to_owned() });
    assert_ne!(unknown, unknown.clone());
}
