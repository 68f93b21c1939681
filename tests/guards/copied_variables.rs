//! Variables of one environment that say that they are another one's.

use super::layout::Layout;

fn layout() -> Layout {
    let layout = Layout::of(&["staging", "prod", "prod-eu"]);
    let names = ["environment", "name_prefix", "owner", "team", "size", "bucket", "tags", "database", "image_repository", "rails_env"];
    for name in ["staging", "prod", "prod-eu"] {
        layout.declare(name, &names);
    }
    layout
}

#[test]
fn what_environments_have_in_common_is_no_copy() {
    let layout = layout();
    let common = "owner = \"platform-team\"\nteam = \"payments\"\nsize = \"large\"\nbucket = \"states\"\nrails_env = \"production\"\n\
                  image_repository = \"registry.prod.example.com/app\"\n";
    for name in ["staging", "prod"] {
        layout.write(name, "terraform.tfvars", common);
    }
    layout.is_healthy("equal owners, teams and sizes, and whole files");
    for name in ["staging", "prod"] {
        let own = format!("environment = \"{name}\"\nname_prefix = \"tracker-{name}\"\ntags = {{\n  Environment = \"{name}\"\n}}\n");
        layout.write(name, "terraform.tfvars", &format!("{common}{own}"));
    }
    layout.write("prod-eu", "terraform.tfvars", "environment = \"prod\"\nname_prefix = \"prod-eu-app\"\n");
    layout.is_healthy("each says its own name, and prod-eu is a part of prod");
    // A file for `-var-file` is called after whom it is for.
    layout.write("staging", "prod.tfvars", "environment = \"prod\"\n");
    let found = layout.found();
    assert!(found.iter().all(|found| found.guard != "copied-variables"), "{found:#?}");
}

#[test]
fn an_environment_that_calls_itself_by_another_ones_name_is_refused_wherever_it_says_so() {
    let what = "`staging` says that its `";
    for (file, text, line) in [
        ("terraform.tfvars", "size = \"small\"\nenvironment = \"prod\"\n", 2),
        ("terraform.tfvars.json", "{\n  \"environment\": \"prod\"\n}\n", 2),
        ("terraform.tfvars", "tags = {\n  team        = \"a\"\n  Environment = \"prod\"\n}\n", 3),
        ("locals.tf", "locals {\n  environment = \"prod\"\n}\n", 2),
        ("locals.tf", "locals {\n  env_label = \"prod\"\n}\n", 2),
        ("module.tf", "module \"app\" {\n  source = \"./m\"\n  env    = \"prod\"\n}\n", 3),
        ("provider.tf", "provider \"p\" {\n  default_tags {\n    tags = { Environment = \"prod\" }\n  }\n}\n", 3),
    ] {
        let layout = layout();
        layout.write("staging", "m/main.tf", "variable \"env\" {}\n");
        layout.write("staging", file, &text.replace("prod", "staging"));
        layout.is_healthy(text);
        layout.write("staging", file, text);
        layout.refuses("staging", "copied-variables", &format!("staging/{file}:{line}"), what);
    }
    // Two that both say that they are a third one.
    let layout = layout();
    layout.write("staging", "terraform.tfvars", "environment = \"prod\"\n");
    layout.write("prod-eu", "terraform.tfvars", "environment = \"staging\"\n");
    assert_eq!(layout.found().len(), 2, "{:#?}", layout.found());
    // A default may be replaced by the shell: it is a warning.
    let layout = Layout::of(&["staging", "prod"]);
    layout.write("staging", "variables.tf", "variable \"environment\" {\n  default = \"prod\"\n}\n");
    let found = layout.found();
    assert!(found.len() == 1 && found[0].severity == "warning" && found[0].place == "staging/variables.tf:2", "{found:#?}");
    layout.write("staging", "terraform.tfvars", "environment = \"staging\"\n");
    layout.is_healthy("the file says otherwise");
}

#[test]
fn a_value_that_names_another_environment_is_refused_where_that_one_has_it_and_else_a_warning() {
    let layout = layout();
    layout.write("staging", "terraform.tfvars", "size = \"small\"\nname_prefix = \"prod-app\"\n");
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "copied-variables" && found[0].severity == "warning", "{found:#?}");
    assert_eq!((found[0].place.as_str(), found[0].what.contains("names `prod`")), ("staging/terraform.tfvars:2", true), "{found:#?}");
    layout.write("prod", "terraform.tfvars", "size = \"large\"\nname_prefix = \"prod-app\"\n");
    layout.refuses("staging", "copied-variables", "staging/terraform.tfvars:2", "`staging` has `name_prefix` of `prod`: ");
    // In an object, in the line of its own.
    let database = |name: &str| format!("database = {{\n  size = \"small\"\n  name = \"{name}-db\"\n}}\n");
    layout.write("prod", "terraform.tfvars", &database("prod"));
    layout.write("staging", "terraform.tfvars", &database("staging"));
    layout.is_healthy("each its own");
    layout.write("staging", "terraform.tfvars", &database("prod"));
    layout.refuses("staging", "copied-variables", "staging/terraform.tfvars:3", "`staging` has the variables of `prod`: ");
}
