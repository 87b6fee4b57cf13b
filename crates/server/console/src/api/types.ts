// The API's types under the names that the pages use.

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Account = Schemas["AccountView"];
export type AccountInput = Schemas["AccountInput"];
export type Policy = Schemas["Policy"];
export type Endpoints = Schemas["Endpoints"];
export type Block = Schemas["BlockView"];
export type Run = Schemas["Run"];
export type RunUnderWay = Schemas["RunUnderWay"];
export type RunEvent = Schemas["RunEvent"];
export type StepTrace = Schemas["StepTrace"];
export type HostCall = Schemas["HostCall"];
export type Attempt = Schemas["Attempt"];
export type Failure = Schemas["Failure"];
export type ScreenPop = Schemas["ScreenPop"];
export type AgentEvent = Schemas["AgentEvent"];
export type Statistics = Schemas["Statistics"];
export type Figures = Schemas["Figures"];
export type Point = Schemas["Point"];
export type AccountHeadRoom = Schemas["AccountHeadRoom"];
export type Routes = Schemas["Routes"];
export type Route = Schemas["Route"];
export type Role = Schemas["Role"];
export type Scope = Schemas["Scope"];
export type Session = Schemas["Session"];
export type User = Schemas["User"];
export type ApiToken = Schemas["ApiToken"];
export type AuditEntry = Schemas["AuditEntry"];
export type Table = Schemas["Table"];
export type TableColumn = Schemas["Column"];
export type ScenarioSummary = Schemas["ScenarioSummary"];
export type ScenarioVersion = Schemas["ScenarioVersion"];
export type Imported = Schemas["Imported"];
export type ImportPreview = Schemas["ImportPreview"];
export type UnsentRequest = Schemas["UnsentRequest"];
export type Unrecorded = Schemas["Unrecorded"];
export type TryRequest = Schemas["TryRequest"];
export type TryAnswer = Schemas["TryAnswer"];
export type TestCase = Schemas["Case"];
export type RecordedCase = Schemas["RecordedCase"];
export type CaseReport = Schemas["CaseReport"];
