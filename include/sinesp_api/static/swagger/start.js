SwaggerUIBundle({ url: "/api/v1/openapi.json", dom_id: "#documentacao", validatorUrl: null, deepLinking: true });
