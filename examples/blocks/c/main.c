/* Greet Caller: looks a caller up among the contacts and leaves a greeting. */
#include "block.h"
#include "json.h"

static const char PROPERTIES[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"number\": {\"type\": \"string\", \"x-patchcord-kind\": \"text\","
    " \"description\": \"The caller's number in any notation, such as `$(item.from)`.\"},"
    "\"greeting\": {\"type\": \"string\", \"x-patchcord-kind\": \"variable-name\","
    " \"description\": \"The variable that receives the greeting.\"}},"
    "\"required\": [\"number\", \"greeting\"], \"additionalProperties\": false,"
    "\"x-patchcord-tables\": [\"contacts\"]}";

/* Text for the host to read during a call, and text for it to free afterwards. */
static block_string_t text(const char *literal) {
  block_string_t string;
  block_string_set(&string, literal);
  return string;
}

static block_string_t copy(const char *literal) {
  block_string_t string;
  block_string_dup(&string, literal);
  return string;
}

/* What this block is, and what it may do. */
void exports_block_describe(block_manifest_t *manifest) {
  memset(manifest, 0, sizeof *manifest);
  manifest->id = copy("example.greet-caller-c");
  manifest->version = copy("0.1.0-dev");
  manifest->title = copy("Greet Caller");
  manifest->category = copy("Examples");
  manifest->description = copy("Looks a caller up among the contacts and leaves a greeting.");
  manifest->icon = copy("phone");
  manifest->properties = copy(PROPERTIES);
  manifest->exits.len = 1;
  manifest->exits.ptr = malloc(sizeof *manifest->exits.ptr);
  manifest->exits.ptr[0] = (patchcord_block_types_exit_t){
      copy("no_data"), copy("No Data"), copy("Nobody has this number.")};
  manifest->outputs.len = 1;
  manifest->outputs.ptr = malloc(sizeof *manifest->outputs.ptr);
  manifest->outputs.ptr[0] = (patchcord_block_types_output_t){
      copy("greeting"), PATCHCORD_BLOCK_TYPES_OUTPUT_KIND_VARIABLE, copy("The greeting.")};
  manifest->operations.len = 1;
  manifest->operations.ptr = malloc(sizeof *manifest->operations.ptr);
  manifest->operations.ptr[0] = PATCHCORD_BLOCK_DYNAMICS_OPERATION_QUERY;
}

/* The greeting as JSON. A name comes as JSON too, so that its text is put in as it stands. */
static block_string_t greet(block_string_t name) {
  if (name.len < 3 || name.ptr[0] != '"') return copy("\"Hello!\"");
  static const char before[] = "\"Hello, ", after[] = "!\"";
  size_t head = strlen(before), tail = strlen(after), inner = name.len - 2;
  block_string_t json = {malloc(head + inner + tail), head + inner + tail};
  memcpy(json.ptr, before, head);
  memcpy(json.ptr + head, name.ptr + 1, inner);
  memcpy(json.ptr + head + inner, after, tail);
  return json;
}

static void log_info(const char *line) {
  block_string_t message = text(line);
  patchcord_block_call_log(PATCHCORD_BLOCK_CALL_LEVEL_INFO, &message);
}

static bool look_up(const char *number, patchcord_block_phone_found_t *found, block_failure_t *failure) {
  block_string_t columns[] = {text("telephone1"), text("mobilephone")}, select[] = {text("fullname")};
  patchcord_block_phone_search_t search = {text("contacts"), {columns, 2}, {select, 1}, true};
  patchcord_block_phone_list_search_t searches = {&search, 1};
  patchcord_block_phone_read_options_t read = {.share = true};
  block_string_t wanted = text(number);
  failure->tag = PATCHCORD_BLOCK_TYPES_FAILURE_DYNAMICS;
  return patchcord_block_phone_find(&wanted, &searches, 2, &read, found, &failure->val.dynamics);
}

/* Does the work. A failure leaves the step by `failed`. */
bool exports_block_run(block_string_t *properties, block_outcome_t *outcome, block_failure_t *failure) {
  const char *json = (const char *)properties->ptr;
  char *number = json_text(json, properties->len, "number");
  char *variable = json_text(json, properties->len, "greeting");
  if (!number || !variable) {
    failure->tag = PATCHCORD_BLOCK_TYPES_FAILURE_INVALID_PROPERTIES;
    failure->val.invalid_properties = copy("`number` and `greeting` are texts that must be there");
    return false;
  }
  patchcord_block_phone_found_t found;
  if (!look_up(number, &found, failure)) return false;
  memset(outcome, 0, sizeof *outcome);
  if (found.verdict < PATCHCORD_BLOCK_PHONE_VERDICT_ONE) {
    log_info("nobody has this number");
    outcome->exit.is_some = true;
    outcome->exit.val = copy("no_data");
    return true;
  }
  bool one = found.verdict == PATCHCORD_BLOCK_PHONE_VERDICT_ONE;
  log_info(one ? "1 contact(s) have this number" : "2 contact(s) have this number");
  block_string_t column = text("fullname"), name = {0};
  patchcord_block_dynamics_borrow_record_set_t records = patchcord_block_dynamics_borrow_record_set(found.records);
  if (one) patchcord_block_dynamics_method_record_set_column(records, 0, &column, &name);
  outcome->effects.len = 1;
  outcome->effects.ptr = malloc(sizeof *outcome->effects.ptr);
  outcome->effects.ptr[0].tag = PATCHCORD_BLOCK_TYPES_EFFECT_SET_VARIABLE;
  outcome->effects.ptr[0].val.set_variable = (patchcord_block_types_variable_assignment_t){copy(variable), greet(name)};
  return true;
}
