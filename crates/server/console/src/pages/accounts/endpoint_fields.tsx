// The three addresses, and what fills them in from a tenant and an environment.

import { useState } from "react";
import { answer, api } from "../../api/client";
import { faultsByPointer, messageOf } from "../../api/problem";
import { Button } from "../../ui/button";
import { SelectField, TextField } from "../../ui/field";
import { Columns } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { useWork } from "../../ui/use_work";
import styles from "./accounts.module.css";
import type { PartProps } from "./parts";

export function EndpointFields({ form, change, fault }: PartProps) {
  return (
    <>
      <TenantHelper change={change} />
      <TextField
        label="Authorization URL"
        mono
        placeholder="https://login.microsoftonline.com/TENANT/oauth2/v2.0/authorize"
        hint="OAuth 2.0 authorization endpoint of Entra ID; v1 and v2 both work."
        value={form.authorizationUrl}
        onChange={(authorizationUrl) => change({ authorizationUrl })}
        error={fault("/authorization_url")}
      />
      <TextField
        label="Token URL"
        mono
        placeholder="https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"
        hint="OAuth 2.0 token endpoint, of the same version."
        value={form.tokenUrl}
        onChange={(tokenUrl) => change({ tokenUrl })}
        error={fault("/token_url")}
      />
      <TextField
        label="API URL"
        mono
        placeholder="https://ORG.crm.dynamics.com/api/data/v9.2"
        hint="Root of the Web API of your Dynamics 365 environment."
        value={form.apiUrl}
        onChange={(apiUrl) => change({ apiUrl })}
        error={fault("/api_url")}
      />
    </>
  );
}

function TenantHelper({ change }: Pick<PartProps, "change">) {
  const [tenant, setTenant] = useState("");
  const [environment, setEnvironment] = useState("");
  const [version, setVersion] = useState<"v1" | "v2">("v2");
  const work = useWork();
  const faults = faultsByPointer(work.error);
  const fill = () =>
    work.run(async () => {
      const body = { tenant, environment_url: environment, endpoint_version: version };
      const urls = await answer(api.POST("/v1/accounts/endpoints", { body }));
      change({
        authorizationUrl: urls.authorization_url,
        tokenUrl: urls.token_url,
        apiUrl: urls.api_url,
      });
    });
  return (
    <div className={styles.helper}>
      <p>
        The three addresses follow from the tenant and the environment. Paste any address of Entra
        ID’s page <em>Endpoints</em>, the tenant’s ID or its domain:
      </p>
      <Columns>
        <TextField
          label="Tenant"
          placeholder="contoso.onmicrosoft.com"
          value={tenant}
          onChange={setTenant}
          error={faults.get("/tenant")}
        />
        <TextField
          label="Environment"
          placeholder="https://ORG.crm4.dynamics.com"
          value={environment}
          onChange={setEnvironment}
          error={faults.get("/environment_url")}
        />
        <SelectField
          label="Endpoints"
          value={version}
          onChange={(chosen) => setVersion(chosen as "v1" | "v2")}
          options={[
            ["v2", "v2 (recommended)"],
            ["v1", "v1"],
          ]}
        />
      </Columns>
      {work.error !== undefined && faults.size === 0 && (
        <Notice tone="bad">{messageOf(work.error)}</Notice>
      )}
      <div>
        <Button busy={work.busy} onClick={fill}>
          Fill in the addresses
        </Button>
      </div>
    </div>
  );
}
