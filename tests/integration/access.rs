//! Who may call what: every route × every built-in role, nobody, the wrong door, another department.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use diesel::connection::SimpleConnection as _;
use opcms::accounts::users;
use opcms::accounts::users::commands::NewPassword;
use opcms::types::Permission;
use opcms::web::routes::{Access, Door, RouteInfo};
use serde_json::json;

use crate::support::routes::{Records, access_in_words, fill, line, parameters, table};
use crate::support::source::assert_none;
use crate::support::{Answer, Api, Client, PASSWORD, TestApp};

/// Every route with who may call it, written down a second time: a route that is new, gone or opened to others has to
/// be changed here too, on purpose.
const ROUTES: &str = "
    GET    /                                      signed in
    GET    /b/{key}                               anybody
    GET    /b/{key}/bill.pdf                      anybody
    GET    /b/{key}/bill.xlsx                     anybody
    POST   /b/{key}/confirm                       anybody
    POST   /b/{key}/questions                     anybody
    POST   /b/{key}/questions/{dispute}           anybody
    POST   /bill-links/{link}/revoke              billing.bill.send
    GET    /billing/sending                       billing.bill.send
    POST   /billing/sending                       billing.bill.send
    POST   /bills/send                            billing.bill.send
    POST   /bills/{bill}/links                    billing.bill.send
    GET    /bills/{bill}/pdf                      billing.bill.view
    POST   /bills/{bill}/send                     billing.bill.send
    POST   /bills/{bill}/send-again               billing.bill.send
    GET    /bills/{bill}/xlsx                     billing.bill.view
    GET    /disputes                              billing.dispute.answer
    GET    /disputes/{dispute}                    billing.dispute.answer
    POST   /disputes/{dispute}/answer             billing.dispute.answer
    POST   /disputes/{dispute}/reopen             billing.dispute.answer
    POST   /api/v1/bills/{bill}/send              billing.bill.send
    GET    /api/v1/disputes                       billing.dispute.answer
    GET    /api/v1/disputes/{dispute}             billing.dispute.answer
    POST   /api/v1/disputes/{dispute}/answer      billing.dispute.answer
    POST   /api/v1/disputes/{dispute}/close       billing.dispute.answer
    GET    /bills                                 billing.bill.view
    POST   /bills/approve                         billing.bill.approve
    POST   /bills/export                          billing.bill.export
    GET    /bills/review                          billing.bill.approve
    POST   /bills/review/approve                  billing.bill.approve
    POST   /bills/submit                          billing.bill.edit
    POST   /bills/void                            billing.bill.void
    GET    /bills/{bill}                          billing.bill.view
    POST   /bills/{bill}/approve                  billing.bill.approve
    POST   /bills/{bill}/invoice                  billing.bill.edit
    POST   /bills/{bill}/lines                    billing.bill.edit
    POST   /bills/{bill}/lines/{line}/remove      billing.bill.edit
    POST   /bills/{bill}/recall                   billing.bill.edit
    POST   /bills/{bill}/reject                   billing.bill.approve
    POST   /bills/{bill}/submit                   billing.bill.edit
    POST   /bills/{bill}/uninvoice                billing.bill.edit
    POST   /bills/{bill}/void                     billing.bill.void
    GET    /bills/overdue                         billing.bill.view
    GET    /bills/overdue/next                    billing.bill.view
    POST   /bills/overdue/remind                  billing.bill.send
    GET    /bills/overdue/steps                   billing.bill.view
    POST   /bills/overdue/steps                   billing.dunning.edit
    GET    /bills/overdue/steps/new               billing.dunning.edit
    GET    /bills/overdue/steps/{step}            billing.dunning.edit
    POST   /bills/overdue/steps/{step}            billing.dunning.edit
    GET    /bills/{bill}/credit                   billing.credit_note.create
    POST   /bills/{bill}/credit                   billing.credit_note.create
    GET    /bills/{bill}/promise                  billing.bill.send
    POST   /bills/{bill}/promise                  billing.bill.send
    POST   /bills/{bill}/reissue                  billing.run.start
    GET    /credit-notes                          billing.bill.view
    GET    /credit-notes/{note}                   billing.bill.view
    POST   /credit-notes/{note}/approve           billing.credit_note.approve
    POST   /credit-notes/{note}/reject            billing.credit_note.approve
    POST   /credit-notes/{note}/withdraw          billing.credit_note.create
    GET    /api/v1/bills/{bill}/credit-notes      billing.bill.view
    POST   /api/v1/bills/{bill}/credit-notes      billing.credit_note.create
    POST   /api/v1/credit-notes/{note}/approve    billing.credit_note.approve
    POST   /api/v1/credit-notes/{note}/reject     billing.credit_note.approve
    POST   /api/v1/billing/overdue-remind         billing.bill.send
    GET    /customers/{customer}/bills            billing.bill.view
    GET    /api/v1/bills                          billing.bill.view
    GET    /api/v1/bills/{bill}                   billing.bill.view
    GET    /api/v1/bills/{bill}/explanation       billing.bill.view
    POST   /api/v1/bills/{bill}/recall            billing.bill.edit
    POST   /api/v1/bills/{bill}/review            billing.bill.approve
    POST   /api/v1/bills/{bill}/submit            billing.bill.edit
    POST   /api/v1/bills/{bill}/void              billing.bill.void
    GET    /audit                                 audit.entry.view
    POST   /audit/export                          audit.entry.export
    GET    /audit/sign-ins                        audit.sign_in.view
    POST   /audit/sign-ins/export                 audit.entry.export
    GET    /audit/{entry}                         audit.entry.view
    GET    /batches/{batch}                       signed in
    POST   /batches/{batch}/check                 signed in
    POST   /batches/{batch}/commit                signed in
    POST   /batches/{batch}/discard               signed in
    POST   /batches/{batch}/undo                  signed in
    GET    /customers                             customers.customer.view
    GET    /customers/bulk                        customers.customer.edit
    POST   /customers/bulk                        customers.customer.edit
    POST   /customers/export                      customers.customer.export
    GET    /customers/import                      customers.customer.import
    POST   /customers/import                      customers.customer.import
    GET    /customers/import/template             customers.customer.import
    GET    /contacts                              customers.customer.view
    GET    /contacts/{contact}                    customers.customer.view
    POST   /contacts/{contact}                    customers.contact.edit
    POST   /contacts/{contact}/delete             customers.contact.edit
    GET    /contacts/{contact}/edit               customers.contact.edit
    POST   /contacts/{contact}/restore            customers.contact.edit
    POST   /customers                             customers.customer.create
    GET    /customers/new                         customers.customer.create
    GET    /customers/status                      customers.customer.view
    GET    /customers/status/proposals            customers.customer.view
    POST   /customers/status/proposals/{proposal}/approve customers.status.move
    POST   /customers/status/proposals/{proposal}/reject customers.status.move
    GET    /customers/status/warnings             customers.customer.view
    GET    /customers/suggest                     customers.customer.view
    GET    /customers/{customer}                  customers.customer.view
    POST   /customers/{customer}                  customers.customer.edit
    GET    /customers/{customer}/contacts         customers.customer.view
    POST   /customers/{customer}/contacts         customers.contact.edit
    GET    /customers/{customer}/contacts/new     customers.contact.edit
    GET    /customers/{customer}/delete           customers.customer.delete
    POST   /customers/{customer}/delete           customers.customer.delete
    GET    /customers/{customer}/edit             customers.customer.edit
    GET    /customers/{customer}/files            customers.customer.view
    GET    /customers/{customer}/usage            usage.record.view
    GET    /customers/{customer}/usage/{day}      usage.record.view
    POST   /customers/{customer}/usage/{day}/correct usage.record.correct
    POST   /customers/{customer}/usage/export     usage.record.view
    GET    /meters                                usage.record.view or pricing.version.view or catalog.meter.edit
    POST   /meters                                catalog.meter.edit
    GET    /meters/new                            catalog.meter.edit
    POST   /meters/{meter}                        catalog.meter.edit
    GET    /meters/{meter}/edit                   catalog.meter.edit
    POST   /meters/{meter}/restore                catalog.meter.edit
    POST   /meters/{meter}/retire                 catalog.meter.edit
    GET    /usage                                 usage.record.view
    POST   /usage/corrections/{correction}/end    usage.record.correct
    GET    /usage/customers                       usage.record.view
    POST   /usage/export                          usage.record.view
    GET    /usage/quarantine                      usage.record.correct
    GET    /usage/quarantine/bulk                 usage.record.correct
    POST   /usage/quarantine/bulk                 usage.record.correct
    GET    /usage/quarantine/{record}             usage.record.correct
    POST   /usage/quarantine/{record}/accept      usage.record.correct
    POST   /usage/quarantine/{record}/defer       usage.record.correct
    POST   /usage/quarantine/{record}/drop        usage.record.correct
    POST   /usage/quarantine/{record}/fix         usage.record.correct
    GET    /usage/records                         usage.record.view
    POST   /usage/records/export                  usage.record.view
    GET    /customers/{customer}/hand-over        customers.customer.hand_over
    POST   /customers/{customer}/hand-over        customers.customer.hand_over
    GET    /customers/{customer}/history          customers.customer.view
    POST   /customers/{customer}/payer-aliases    customers.customer.edit
    POST   /customers/{customer}/restore          customers.customer.delete
    GET    /customers/{customer}/prices           pricing.version.view
    POST   /customers/{customer}/prices           pricing.version.edit
    GET    /customers/{customer}/prices/new       pricing.version.edit
    POST   /customers/{customer}/prices/trial     pricing.version.edit
    GET    /prices                                pricing.version.view
    POST   /prices/export                         pricing.version.view
    GET    /prices/{version}                      pricing.version.view
    POST   /prices/{version}                      pricing.version.edit
    POST   /prices/{version}/approve              pricing.version.approve
    GET    /prices/{version}/compare/{other}      pricing.version.view
    POST   /prices/{version}/discard              pricing.version.edit
    GET    /prices/{version}/edit                 pricing.version.edit
    POST   /prices/{version}/recall               pricing.version.edit
    POST   /prices/{version}/reject               pricing.version.approve
    POST   /prices/{version}/submit               pricing.version.edit
    POST   /prices/{version}/withdraw             pricing.version.approve
    GET    /api/v1/pricing/config                 pricing.version.view
    POST   /api/v1/pricing/config                 pricing.version.edit
    GET    /api/v1/pricing/config/{version}       pricing.version.view
    POST   /api/v1/pricing/config/{version}/approve pricing.version.approve
    POST   /api/v1/pricing/config/{version}/reject pricing.version.approve
    POST   /api/v1/pricing/config/{version}/submit pricing.version.edit
    GET    /customers/{customer}/status           customers.customer.view
    POST   /customers/{customer}/status           customers.status.move
    POST   /payer-aliases/{alias}/remove          customers.customer.edit
    GET    /customers/duplicates                  customers.quality.view
    POST   /customers/duplicates/searches         customers.quality.view
    GET    /customers/duplicates/{pair}           customers.quality.view
    POST   /customers/duplicates/{pair}/apart     customers.customer.merge
    POST   /customers/duplicates/{pair}/merge     customers.customer.merge
    POST   /customers/duplicates/{pair}/reopen    customers.customer.merge
    POST   /customers/duplicates/{pair}/unmerge   customers.customer.merge
    GET    /customers/quality                     customers.quality.view
    POST   /customers/quality/assessments         customers.quality.view
    GET    /customers/views                       customers.customer.view
    POST   /customers/views                       customers.customer.view
    POST   /customers/views/{view}                customers.customer.view
    POST   /customers/views/{view}/default        customers.customer.view
    POST   /customers/views/{view}/delete         customers.customer.view
    GET    /customers/views/{view}/edit           customers.customer.view
    POST   /customers/views/{view}/overwrite      customers.customer.view
    GET    /customers/{customer}/cells/{field}    customers.customer.edit or customers.status.move
    POST   /customers/{customer}/cells/{field}    customers.customer.edit or customers.status.move
    GET    /customers/{customer}/row              customers.customer.view
    GET    /departments                           accounts.department.view
    POST   /departments                           accounts.department.edit
    GET    /departments/new                       accounts.department.edit
    POST   /departments/{department}              accounts.department.edit
    GET    /departments/{department}/delete       accounts.department.edit
    POST   /departments/{department}/delete       accounts.department.edit
    GET    /departments/{department}/edit         accounts.department.edit
    GET    /dictionaries                          customers.customer.view
    POST   /dictionaries                          customers.dictionary.edit
    GET    /dictionaries/new                      customers.dictionary.edit
    POST   /dictionaries/{value}                  customers.dictionary.edit
    POST   /dictionaries/{value}/delete           customers.dictionary.edit
    GET    /dictionaries/{value}/edit             customers.dictionary.edit
    GET    /dictionaries/{value}/merge            customers.dictionary.edit
    POST   /dictionaries/{value}/merge            customers.dictionary.edit
    POST   /dictionaries/{value}/move             customers.dictionary.edit
    POST   /dictionaries/{value}/retire           customers.dictionary.edit
    POST   /dictionaries/{value}/revive           customers.dictionary.edit
    GET    /files                                 signed in
    POST   /files                                 signed in
    GET    /files/{file}                          signed in
    POST   /files/{file}/delete                   signed in
    GET    /files/{file}/preview                  signed in
    POST   /files/{file}/restore                  signed in
    GET    /help/api                              signed in
    POST   /imports/{batch}/cells                 signed in
    GET    /imports/{batch}/columns               signed in
    POST   /imports/{batch}/columns               signed in
    POST   /imports/{batch}/failed                signed in
    POST   /imports/{batch}/values                signed in
    GET    /imports/meanings/{import}             signed in
    POST   /imports/meanings/{import}/forget      signed in
    GET    /jobs                                  jobs.job.view
    POST   /jobs                                  jobs.job.edit
    GET    /jobs/missed                           jobs.job.view
    POST   /jobs/missed/catch-up                  jobs.job.run
    POST   /jobs/missed/dismiss                   jobs.job.run
    GET    /jobs/new                              jobs.job.edit
    GET    /jobs/{job}                            jobs.job.view
    POST   /jobs/{job}                            jobs.job.edit
    GET    /jobs/{job}/delete                     jobs.job.edit
    POST   /jobs/{job}/delete                     jobs.job.edit
    GET    /jobs/{job}/edit                       jobs.job.edit
    POST   /jobs/{job}/pause                      jobs.job.edit
    POST   /jobs/{job}/resume                     jobs.job.edit
    GET    /jobs/{job}/run                        jobs.job.run
    POST   /jobs/{job}/run                        jobs.job.run
    GET    /jobs/{job}/runs                       jobs.job.view
    GET    /jobs/{job}/runs/{run}                 jobs.job.view
    POST   /language                              anybody
    GET    /messages                              notifications.message.view
    POST   /messages                              notifications.message.send
    GET    /messages/new                          notifications.message.send
    POST   /messages/resend-failed                notifications.message.send
    POST   /messages/retry                        notifications.message.send
    GET    /messages/robots                       notifications.robot.edit
    POST   /messages/robots                       notifications.robot.edit
    GET    /messages/robots/new                   notifications.robot.edit
    POST   /messages/robots/{robot}               notifications.robot.edit
    GET    /messages/robots/{robot}/delete        notifications.robot.edit
    POST   /messages/robots/{robot}/delete        notifications.robot.edit
    GET    /messages/robots/{robot}/edit          notifications.robot.edit
    POST   /messages/robots/{robot}/test          notifications.robot.edit
    GET    /messages/templates                    notifications.message.view
    GET    /messages/templates/{kind}/{language}  notifications.message.view
    POST   /messages/templates/{kind}/{language}  notifications.template.edit
    POST   /messages/templates/{kind}/{language}/preview notifications.template.edit
    POST   /messages/templates/{kind}/{language}/restore notifications.template.edit
    GET    /messages/{delivery}                   notifications.message.view
    POST   /messages/{delivery}/resend            notifications.message.send
    GET    /notifications                         signed in
    POST   /notifications/read-all                signed in
    POST   /notifications/{notification}/read     signed in
    POST   /preferences/columns                   signed in
    GET    /prices/approvals                      pricing.version.approve
    POST   /prices/approvals                      pricing.version.approve
    GET    /prices/copies/new                     pricing.version.edit
    POST   /prices/copies/new                     pricing.version.edit
    GET    /prices/imports/new                    pricing.version.import
    POST   /prices/imports/new                    pricing.version.import
    GET    /prices/imports/template               pricing.version.import
    GET    /prices/raises/new                     pricing.version.edit
    POST   /prices/raises/new                     pricing.version.edit
    GET    /profile                               signed in
    POST   /profile                               signed in
    GET    /profile/password                      signed in, even with a password for once
    POST   /profile/password                      signed in, even with a password for once
    GET    /profile/sessions                      signed in
    POST   /profile/sessions/end-others           signed in
    POST   /profile/sessions/{session}/end        signed in
    GET    /profile/tokens                        signed in
    POST   /profile/tokens                        signed in
    GET    /profile/tokens/new                    signed in
    GET    /profile/tokens/{token}/revoke         signed in
    POST   /profile/tokens/{token}/revoke         signed in
    GET    /roles                                 accounts.role.view
    POST   /roles                                 accounts.role.edit
    GET    /roles/new                             accounts.role.edit
    GET    /roles/{role}                          accounts.role.view
    POST   /roles/{role}                          accounts.role.edit
    GET    /roles/{role}/delete                   accounts.role.edit
    POST   /roles/{role}/delete                   accounts.role.edit
    GET    /roles/{role}/edit                     accounts.role.edit
    GET    /settings                              settings.setting.view
    GET    /settings/{setting}                    settings.setting.view
    POST   /settings/{setting}                    settings.company.edit or settings.system.edit
    POST   /settings/{setting}/picture            settings.company.edit or settings.system.edit
    POST   /settings/{setting}/reset              settings.company.edit or settings.system.edit
    GET    /sign-in                               anybody
    POST   /sign-in                               anybody
    POST   /sign-out                              signed in, even with a password for once
    GET    /tasks                                 signed in
    GET    /tasks/{task}                          signed in
    POST   /tasks/{task}/cancel                   signed in
    POST   /tasks/{task}/retry                    signed in
    GET    /top-bar                               signed in
    GET    /usage/sources                         usage.source.view
    POST   /usage/sources                         usage.source.edit
    GET    /usage/sources/new                     usage.source.edit
    GET    /usage/sources/{source}                usage.source.view
    POST   /usage/sources/{source}                usage.source.edit
    GET    /usage/sources/{source}/days/{day}     usage.source.view
    POST   /usage/sources/{source}/days/{day}/declare usage.source.collect
    POST   /usage/sources/{source}/days/{day}/replay usage.source.collect
    POST   /usage/sources/{source}/days/{day}/withdraw usage.source.collect
    GET    /usage/sources/{source}/edit           usage.source.edit
    POST   /usage/sources/{source}/pause          usage.source.edit
    POST   /usage/sources/{source}/replay         usage.source.collect
    POST   /usage/sources/{source}/resume         usage.source.edit
    GET    /users                                 accounts.user.view
    POST   /users                                 accounts.user.create
    POST   /users/bulk                            accounts.user.view
    POST   /users/export                          accounts.user.export
    GET    /users/import                          accounts.user.import
    POST   /users/import                          accounts.user.import
    GET    /users/new                             accounts.user.create
    GET    /users/{user}                          accounts.user.view
    POST   /users/{user}                          accounts.user.edit
    GET    /users/{user}/delete                   accounts.user.delete
    POST   /users/{user}/delete                   accounts.user.delete
    GET    /users/{user}/disable                  accounts.user.disable
    POST   /users/{user}/disable                  accounts.user.disable
    GET    /users/{user}/edit                     accounts.user.edit
    POST   /users/{user}/enable                   accounts.user.disable
    GET    /users/{user}/reset-password           accounts.user.reset_password
    POST   /users/{user}/reset-password           accounts.user.reset_password
    POST   /users/{user}/restore                  accounts.user.delete
    POST   /users/{user}/sign-out                 accounts.user.sign_out
    GET    /usage/imports                         usage.record.import
    GET    /usage/imports/new                     usage.record.import
    GET    /usage/imports/template                usage.record.import
    GET    /usage/imports/{intake}                usage.record.import
    POST   /usage/imports/{intake}/caught         usage.record.import
    POST   /usage/imports                         usage.record.import
    POST   /usage/imports/{intake}/check          usage.record.import
    POST   /usage/imports/{intake}/discard        usage.record.import
    POST   /usage/imports/{intake}/take           usage.record.import
    GET    /billing/months                        billing.run.view
    GET    /billing/months/{month}                billing.run.view
    POST   /billing/months/{month}/check          billing.month.close
    POST   /billing/months/{month}/close          billing.month.close
    POST   /billing/months/{month}/reopen         billing.month.close
    POST   /billing/months/{month}/reopen/approve billing.month.reopen
    POST   /billing/months/{month}/reopen/reject  billing.month.reopen
    POST   /billing/months/{month}/sign           billing.month.close
    GET    /billing/runs                          billing.run.view
    POST   /billing/runs                          billing.run.start
    GET    /billing/runs/new                      billing.run.start
    GET    /billing/runs/{bill_run}               billing.run.view
    POST   /billing/runs/{bill_run}/again         billing.run.start
    POST   /billing/runs/{bill_run}/commit        billing.run.commit
    GET    /billing/runs/{bill_run}/customers/{position} billing.run.view
    POST   /billing/runs/{bill_run}/discard       billing.run.start
    POST   /billing/runs/{bill_run}/export        billing.run.view
    POST   /billing/runs/{bill_run}/replan        billing.run.start
    POST   /billing/waivers                       billing.run.start
    POST   /billing/waivers/take-back             billing.run.start
    POST   /api/v1/billing/generate               billing.run.start
    GET    /api/v1/billing/runs/{bill_run}        billing.run.view
    POST   /api/v1/billing/runs/{bill_run}/commit billing.run.commit
    GET    /api/openapi.json                      anybody
    GET    /api/v1/audit/entries                  audit.entry.view
    GET    /api/v1/audit/entries/{entry}          audit.entry.view
    GET    /api/v1/audit/sign-ins                 audit.sign_in.view
    GET    /api/v1/batches/{batch}                signed in
    POST   /api/v1/batches/{batch}/commit         signed in
    POST   /api/v1/batches/{batch}/discard        signed in
    GET    /api/v1/batches/{batch}/rows           signed in
    POST   /api/v1/batches/{batch}/undo           signed in
    GET    /api/v1/customers                      customers.customer.view
    POST   /api/v1/customers/export               customers.customer.export
    POST   /api/v1/customers/import               customers.customer.import
    GET    /api/v1/contacts                       customers.customer.view
    POST   /api/v1/contacts                       customers.contact.edit
    GET    /api/v1/contacts/{contact}             customers.customer.view
    PATCH  /api/v1/contacts/{contact}             customers.contact.edit
    DELETE /api/v1/contacts/{contact}             customers.contact.edit
    POST   /api/v1/contacts/{contact}/restore     customers.contact.edit
    POST   /api/v1/customers                      customers.customer.create
    GET    /api/v1/customers/{customer}           customers.customer.view
    PATCH  /api/v1/customers/{customer}           customers.customer.edit
    DELETE /api/v1/customers/{customer}           customers.customer.delete
    POST   /api/v1/customers/{customer}/restore   customers.customer.delete
    POST   /api/v1/customers/{customer}/status    customers.status.move
    GET    /api/v1/departments                    accounts.department.view
    POST   /api/v1/departments                    accounts.department.edit
    GET    /api/v1/departments/{department}       accounts.department.view
    GET    /api/v1/dictionaries                   customers.customer.view
    POST   /api/v1/dictionaries                   customers.dictionary.edit
    DELETE /api/v1/dictionaries/{value}           customers.dictionary.edit
    GET    /api/v1/dictionaries/{value}           customers.customer.view
    PATCH  /api/v1/dictionaries/{value}           customers.dictionary.edit
    POST   /api/v1/dictionaries/{value}/merge     customers.dictionary.edit
    POST   /api/v1/dictionaries/{value}/retire    customers.dictionary.edit
    POST   /api/v1/dictionaries/{value}/revive    customers.dictionary.edit
    GET    /api/v1/files                          signed in
    POST   /api/v1/files                          signed in
    GET    /api/v1/files/{file}                   signed in
    DELETE /api/v1/files/{file}                   signed in
    GET    /api/v1/files/{file}/content           signed in
    PATCH  /api/v1/departments/{department}       accounts.department.edit
    DELETE /api/v1/departments/{department}       accounts.department.edit
    GET    /api/v1/jobs                           jobs.job.view
    POST   /api/v1/jobs                           jobs.job.edit
    GET    /api/v1/jobs/{job}                     jobs.job.view
    PATCH  /api/v1/jobs/{job}                     jobs.job.edit
    DELETE /api/v1/jobs/{job}                     jobs.job.edit
    GET    /api/v1/jobs/{job}/logs                jobs.job.view
    POST   /api/v1/jobs/{job}/pause               jobs.job.edit
    POST   /api/v1/jobs/{job}/resume              jobs.job.edit
    POST   /api/v1/jobs/{job}/trigger             jobs.job.run
    GET    /api/v1/me                             signed in
    GET    /api/v1/messages/logs                  notifications.message.view
    GET    /api/v1/messages/logs/{delivery}       notifications.message.view
    POST   /api/v1/messages/send                  notifications.message.send
    GET    /api/v1/messages/templates             notifications.message.view
    GET    /api/v1/messages/templates/{kind}/{language} notifications.message.view
    PATCH  /api/v1/messages/templates/{kind}/{language} notifications.template.edit
    GET    /api/v1/notifications                  signed in
    POST   /api/v1/notifications/read-all         signed in
    POST   /api/v1/notifications/{notification}/read signed in
    GET    /api/v1/meters                         usage.record.view or pricing.version.view or catalog.meter.edit
    GET    /api/v1/permissions                    accounts.role.view
    POST   /api/v1/pricing/import                 pricing.version.import
    POST   /api/v1/pricing/quote                  signed in
    GET    /api/v1/roles                          accounts.role.view
    POST   /api/v1/roles                          accounts.role.edit
    GET    /api/v1/roles/{role}                   accounts.role.view
    PATCH  /api/v1/roles/{role}                   accounts.role.edit
    DELETE /api/v1/roles/{role}                   accounts.role.edit
    GET    /api/v1/tasks                          signed in
    GET    /api/v1/tasks/{task}                   signed in
    POST   /api/v1/tasks/{task}/cancel            signed in
    POST   /api/v1/tasks/{task}/retry             signed in
    GET    /api/v1/settings                       settings.setting.view
    GET    /api/v1/settings/{setting}             settings.setting.view
    PATCH  /api/v1/settings/{setting}             settings.company.edit or settings.system.edit
    DELETE /api/v1/settings/{setting}             settings.company.edit or settings.system.edit
    GET    /api/v1/usage/sources                  usage.source.view
    GET    /api/v1/usage/sources/{source}         usage.source.view
    POST   /api/v1/usage/sources/{source}/replay  usage.source.collect
    GET    /api/v1/usage                          usage.record.view
    POST   /api/v1/usage                          usage.record.import
    GET    /api/v1/users                          accounts.user.view
    POST   /api/v1/users                          accounts.user.create
    GET    /api/v1/users/{user}                   accounts.user.view
    PATCH  /api/v1/users/{user}                   accounts.user.edit
    DELETE /api/v1/users/{user}                   accounts.user.delete
    POST   /api/v1/users/{user}/disable           accounts.user.disable
    POST   /api/v1/users/{user}/enable            accounts.user.disable
    POST   /api/v1/users/{user}/restore           accounts.user.delete
";

/// Parameters whose records are of no department.
const HOUSE_WIDE: [&str; 16] = [
    "value", "role", "setting", "robot", "kind", "language", "job", "run", "source", "day", "meter",
    "import", "step",
    // What covers everybody is for who reaches everybody; see run_pages.rs and closing.rs.
    "bill_run", "position", "month",
];

fn written_down() -> BTreeMap<String, String> {
    let lines = ROUTES.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (method, rest) = line.split_once(' ').unwrap();
            let (path, access) = rest.trim().split_once(' ').unwrap();
            (format!("{method} {path}"), access.trim().to_owned())
        })
        .collect()
}

#[test]
fn every_route_is_written_down_here_with_who_may_call_it() {
    let written = written_down();
    let (mut complaints, mut new) = (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for route in table().iter() {
        let (line, access) = (line(route), access_in_words(route.access));
        match written.get(&line) {
            None => new.push(format!("    {:<6} {:<38} {access}", route.method.as_str(), route.path)),
            Some(other) if *other != access => complaints.push(format!(
                "{line} is open to {access:?}, but tests/integration/access.rs says {other:?}"
            )),
            Some(_) => {}
        }
        if !known.insert(line.clone()) {
            complaints.push(format!("{line} is registered twice"));
        }
    }
    if !new.is_empty() {
        complaints
            .push(format!("new routes; write them down in tests/integration/access.rs:\n{}", new.join("\n")));
    }
    for line in written.keys().filter(|line| !known.contains(*line)) {
        complaints.push(format!("{line} is gone; strike it from tests/integration/access.rs"));
    }
    assert_none(&complaints);
}

/// How an answer is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Led to the sign-in page, or told to bring a token.
    SignIn,
    /// Led to the page for a new password.
    ChangePassword,
    /// Told that no role allows it.
    Forbidden,
    /// Let through; what comes of it is none of this test's business.
    Through,
    /// A fault of ours.
    Broken,
}

fn verdict(answer: &Answer, route: &RouteInfo) -> Verdict {
    let location = answer.header("location").unwrap_or_default();
    match answer.status {
        401 => Verdict::SignIn,
        // Who signs out is led there because it worked.
        303 if location.starts_with("/sign-in") && route.path != "/sign-out" => Verdict::SignIn,
        303 if location == "/sign-in" && answer.header("set-cookie").is_none() => Verdict::SignIn,
        303 if location == "/profile/password" && route.path != "/profile/password" => {
            Verdict::ChangePassword
        }
        403 => Verdict::Forbidden,
        500.. => Verdict::Broken,
        _ => Verdict::Through,
    }
}

async fn call_page(client: &Client, route: &RouteInfo, path: &str) -> Answer {
    if route.method == Method::GET {
        client.get(path).await
    } else if route.takes_upload {
        client.upload(path, &[], ("", b"")).await
    } else {
        client.post(path, &[]).await
    }
}

async fn call_api(api: &Api, route: &RouteInfo, path: &str) -> Answer {
    let request = api.request(route.method.clone(), path);
    let request =
        if route.method == Method::GET { request } else { request.set_json(json!({"version": "1"})) };
    api.send(request).await
}

fn expected(app: &TestApp, username: &str, route: &RouteInfo) -> Verdict {
    let actor = app.actor(username);
    // Who may change a file is the business of its record, here a user; who does not see that one is not even told.
    let changes_a_file = route.path.contains("{file}") && route.method != Method::GET;
    match route.access {
        access if !access.admits(&actor) => Verdict::Forbidden,
        _ if changes_a_file && actor.can(Permission::UserView) && !actor.can(Permission::UserEdit) => {
            Verdict::Forbidden
        }
        _ => Verdict::Through,
    }
}

fn complain(complaints: &mut Vec<String>, who: &str, route: &RouteInfo, expected: Verdict, answer: &Answer) {
    let found = verdict(answer, route);
    if found != expected {
        complaints.push(format!(
            "{who}: {}: {expected:?} expected, but {found:?}: {}",
            line(route),
            answer.summary()
        ));
    }
}

/// Routes of one door, the harmless ones first, so that nobody is deleted before they are looked at.
fn routes(door: Door) -> Vec<RouteInfo> {
    let mut routes: Vec<RouteInfo> = table().iter().filter(|route| route.door == door).cloned().collect();
    routes.sort_by_key(|route| (route.method != Method::GET, route.path == "/sign-out"));
    routes
}

#[actix_web::test]
async fn nobody_passes_but_where_anybody_may() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    for route in routes(Door::Page) {
        let path = fill(&app, route.path, Records::Ours);
        let expected = if route.access == Access::Public { Verdict::Through } else { Verdict::SignIn };
        complain(
            &mut complaints,
            "nobody",
            &route,
            expected,
            &call_page(&app.anonymous(), &route, &path).await,
        );
        if expected == Verdict::SignIn {
            let part = app.anonymous().get_part(&path).await;
            let led =
                part.status == 401 && part.header("hx-redirect").is_some_and(|to| to.starts_with("/sign-in"));
            if route.method == Method::GET && !led {
                complaints.push(format!(
                    "htmx is not led to sign in by {}: {}",
                    line(&route),
                    part.summary()
                ));
            }
        }
    }
    for route in routes(Door::Api) {
        let path = fill(&app, route.path, Records::Ours);
        let expected = if route.access == Access::Public { Verdict::Through } else { Verdict::SignIn };
        for (who, api) in [
            ("no token", app.api_anonymous()),
            ("a false token", Api::with_token(&app, "opcms_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ] {
            let answer = call_api(&api, &route, &path).await;
            complain(&mut complaints, who, &route, expected, &answer);
            if expected == Verdict::SignIn && answer.problem() != "unauthorized" {
                complaints.push(format!("{} does not say unauthorized: {}", line(&route), answer.summary()));
            }
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn every_role_may_call_exactly_what_it_grants() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    // The most powerful goes last: it may delete what the others are asked about.
    let mut roles = app.world.builtin_roles();
    roles.sort_by_key(|code| code == "admin");
    for code in roles {
        let client = app.as_role(&code).await;
        for route in routes(Door::Page) {
            let path = fill(&app, route.path, Records::Ours);
            let answer = call_page(&client, &route, &path).await;
            complain(&mut complaints, &code, &route, expected(&app, &code, &route), &answer);
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn a_token_may_call_exactly_what_its_owners_role_grants() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    let mut roles = app.world.builtin_roles();
    roles.sort_by_key(|code| code == "admin");
    for code in roles {
        let api = app.api(&code);
        for route in routes(Door::Api) {
            let path = fill(&app, route.path, Records::Ours);
            let answer = call_api(&api, &route, &path).await;
            complain(&mut complaints, &code, &route, expected(&app, &code, &route), &answer);
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn a_token_may_do_no_more_than_it_was_given() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    for given in Permission::ALL {
        app.revoke_tokens();
        let api = app.api_limited("admin", &[*given]);
        for route in routes(Door::Api).iter().filter(|route| route.method == Method::GET) {
            let Access::Needs(needed) = route.access else { continue };
            let expected = if needed == *given { Verdict::Through } else { Verdict::Forbidden };
            let answer = call_api(&api, route, &fill(&app, route.path, Records::Ours)).await;
            complain(&mut complaints, given.as_str(), route, expected, &answer);
        }
        // There are more permissions than anybody may have live tokens.
        app.connect().batch_execute("UPDATE api_tokens SET revoked_at = UTC_TIMESTAMP(6)").unwrap();
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn cookies_do_not_open_the_api_and_tokens_do_not_open_pages() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    let (browser, program) = (app.signed_in("admin").await, app.api("admin"));
    for route in table().iter().filter(|route| route.access != Access::Public) {
        let path = fill(&app, route.path, Records::Ours);
        let answer = match route.door {
            Door::Api => {
                let request = browser.request(route.method.clone(), &path);
                let request = if route.method == Method::GET {
                    request
                } else {
                    request.set_json(json!({"version": "1"}))
                };
                browser.send(request).await
            }
            Door::Page => program.send(program.request(route.method.clone(), &path)).await,
        };
        complain(&mut complaints, "the wrong door", route, Verdict::SignIn, &answer);
    }
    assert_none(&complaints);
}

/// Whether a route names records of departments. Whoever has the key of a link reaches its bill, whoever they are.
fn names_records(route: &RouteInfo) -> bool {
    let names = parameters(route.path);
    !names.contains(&"key") && names.iter().any(|name| !HOUSE_WIDE.contains(name))
}

#[actix_web::test]
async fn records_of_another_department_do_not_exist() {
    let app = TestApp::new().await;
    let (browser, program) = (app.signed_in("wang").await, app.api("wang"));
    let (mut complaints, mut compared) = (Vec::new(), 0);
    for door in [Door::Page, Door::Api] {
        for route in routes(door) {
            if !names_records(&route) {
                continue;
            }
            let elsewhere = fill(&app, route.path, Records::Elsewhere);
            let audited = app.number("SELECT COUNT(*) FROM audit_entries");
            let answer = match door {
                Door::Page => call_page(&browser, &route, &elsewhere).await,
                Door::Api => call_api(&program, &route, &elsewhere).await,
            };
            let written = app.number("SELECT COUNT(*) FROM audit_entries") - audited;
            if answer.status != 404 || written > 0 {
                complaints.push(format!("{} reaches another department: {}", line(&route), answer.summary()));
            }
            compared += 1;
            // The same route works for one's own people, or the 404 would prove nothing.
            let personal = ["session", "token", "notification", "batch", "view", "intake"]
                .iter()
                .any(|own| parameters(route.path).contains(own));
            if route.method == Method::GET && !personal {
                let ours = fill(&app, route.path, Records::Ours);
                let answer = match door {
                    Door::Page => browser.get(&ours).await,
                    Door::Api => program.get(&ours).await,
                };
                if answer.status == 404 {
                    complaints.push(format!("{} hides one's own people: {}", line(&route), answer.summary()));
                }
            }
        }
    }
    let with_records = table().iter().filter(|route| names_records(route)).count();
    assert_eq!(compared, with_records);
    assert_none(&complaints);
}

#[actix_web::test]
async fn a_password_for_once_opens_only_the_page_that_replaces_it() {
    let app = TestApp::new().await;
    let hash = opcms::accounts::passwords::hash(PASSWORD).unwrap();
    let password = NewPassword { hash, must_change: true };
    app.arrange(|tx| users::commands::reset_password(tx, app.world.user("admin"), &password));
    let browser = app.signed_in("admin").await;
    let mut complaints = Vec::new();
    for route in routes(Door::Page) {
        let path = fill(&app, route.path, Records::Ours);
        let expected = match route.access {
            Access::Public | Access::SignedInPending => Verdict::Through,
            Access::SignedIn | Access::Needs(_) | Access::NeedsAny(_) => Verdict::ChangePassword,
        };
        complain(
            &mut complaints,
            "a password for once",
            &route,
            expected,
            &call_page(&browser, &route, &path).await,
        );
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn a_change_of_rights_is_effective_at_once() {
    let app = TestApp::new().await;
    let browser = app.signed_in("wang").await;
    let open = |answer: Answer| answer.status == 303;
    assert!(open(browser.get("/sign-in").await));
    app.arrange(|tx| users::commands::disable(tx, app.world.user("wang"), None));
    assert!(!open(browser.get("/sign-in").await), "who is disabled is out at once");
    app.arrange(|tx| users::commands::enable(tx, app.world.user("wang")));
    assert!(!open(browser.get("/sign-in").await), "the old session does not come back");
}
