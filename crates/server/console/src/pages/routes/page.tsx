// Which scenario answers which call.

import { answer, api } from "../../api/client";
import { sentence } from "../../api/problem";
import type { Route, Routes } from "../../api/types";
import { Notice } from "../../ui/notice";
import { Empty, Page, Shown } from "../../ui/page";
import { Table } from "../../ui/table";
import { Cut } from "../../ui/text";
import { useLoaded } from "../../ui/use_loaded";

export default function RoutesPage() {
  const routes = useLoaded(() => answer(api.GET("/v1/routes")), []);
  return (
    <Page
      title="Routes"
      lead="Which scenario answers a call. They are looked at in this order, and the first that fits is taken."
    >
      <Shown loaded={routes}>{(routes) => <All routes={routes} />}</Shown>
    </Page>
  );
}

function All({ routes }: { routes: Routes }) {
  if (routes.routes.length === 0 && !routes.default) {
    return (
      <Empty icon="route" title="No route yet">
        Call flows name the scenario that they want. With routes they need not: set them with the
        command <code>patchcord route set FILE</code>.
      </Empty>
    );
  }
  const rows: (Route | "default")[] = [
    ...routes.routes,
    ...(routes.default ? ["default" as const] : []),
  ];
  return (
    <>
      {routes.problems.map(({ pointer, message }) => (
        <Notice key={pointer + message} tone="warn">
          <code>{pointer}</code> {sentence(message)}
        </Notice>
      ))}
      <Table
        caption="Routes"
        rows={rows}
        keyOf={(route) => (route === "default" ? "" : route.name)}
        columns={[
          {
            title: "Name",
            cell: (route) => <Cut>{route === "default" ? "Every other call" : route.name}</Cut>,
          },
          {
            title: "Taken when",
            cell: (route) => (route === "default" ? "no route fits" : condition(route)),
          },
          {
            title: "Scenario",
            cell: (route) => (
              <Scenario name={route === "default" ? (routes.default ?? "") : route.scenario} />
            ),
          },
        ]}
      />
    </>
  );
}

function Scenario({ name }: { name: string }) {
  return (
    <a href={`#/scenarios/${encodeURIComponent(name)}`}>
      <Cut>{name}</Cut>
    </a>
  );
}

/** `to is +1555* and queue is sales or service` */
function condition(route: Route): string {
  const parts = Object.entries(route.when).map(([name, values]) => {
    const named = Array.isArray(values) ? values : [values];
    return `${name} is ${named.join(" or ")}`;
  });
  return parts.join(" and ") || "always";
}
