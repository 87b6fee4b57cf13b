// Every page of the console, in the order of the navigation. A page is a folder of `pages/`, loaded when it is opened.

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Role } from "../api/session";

/** What a page is given: the values of its address, and the query behind it. */
export type PageProps = { params: Record<string, string>; query: URLSearchParams };

export type PageEntry = {
  /** Its address behind `#/`; `:name` stands for a value. */
  path: string;
  /** The role that it takes to open it. */
  needs: Role;
  component: LazyExoticComponent<ComponentType<PageProps>>;
  /** Where it stands in the navigation; absent for pages that are reached from others. */
  navigation?: { title: string; icon: string };
};

type Module = { default: ComponentType<PageProps> };

function page(
  path: string,
  needs: Role,
  load: () => Promise<Module>,
  navigation?: PageEntry["navigation"],
): PageEntry {
  return { path, needs, component: lazy(load), ...(navigation ? { navigation } : {}) };
}

export const PAGES: PageEntry[] = [
  page("dashboard", "viewer", () => import("../pages/dashboard/page"), {
    title: "Dashboard",
    icon: "dashboard",
  }),
  page("scenarios", "viewer", () => import("../pages/scenarios/list_page"), {
    title: "Scenarios",
    icon: "scenario",
  }),
  page("scenarios/:name", "viewer", () => import("../pages/designer/page")),
  page("runs", "viewer", () => import("../pages/runs/page"), { title: "Runs", icon: "run" }),
  page("runs/:id", "viewer", () => import("../pages/runs/run_page")),
  page("accounts", "viewer", () => import("../pages/accounts/list_page"), {
    title: "Integration accounts",
    icon: "account",
  }),
  page("accounts/:id", "viewer", () => import("../pages/accounts/account_page")),
  page("blocks", "viewer", () => import("../pages/blocks/page"), {
    title: "Blocks",
    icon: "block",
  }),
  page("routes", "viewer", () => import("../pages/routes/page"), {
    title: "Routes",
    icon: "route",
  }),
  page("agent", "viewer", () => import("../pages/agent/page"), {
    title: "Agent",
    icon: "screen-pop",
  }),
  page("users", "administrator", () => import("../pages/users/page"), {
    title: "Users and tokens",
    icon: "users",
  }),
  page("audit", "administrator", () => import("../pages/audit/page"), {
    title: "Audit",
    icon: "audit",
  }),
  page("password", "viewer", () => import("../pages/password/page")),
];
