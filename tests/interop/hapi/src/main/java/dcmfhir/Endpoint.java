package dcmfhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.interceptor.UserRequestRetryVersionConflictsInterceptor;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.server.HardcodedServerAddressStrategy;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.RequestValidatingInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import ca.uhn.fhir.validation.IValidatorModule;
import java.util.List;
import org.springframework.context.annotation.Bean;

/** The REST interface over the storage. */
class Endpoint {
  @Bean
  RestfulServer endpoint(
      FhirContext context,
      IFhirSystemDao<?, ?> dao,
      JpaStorageSettings settings,
      ISearchParamRegistry parameters,
      IValidationSupport support,
      ResourceProviderFactory resources,
      IJpaSystemProvider system,
      DatabaseBackedPagingProvider pages,
      IValidatorModule validator) {
    RestfulServer server = new RestfulServer(context);
    server.registerProviders(resources.createProviders());
    server.registerProvider(system);
    server.setServerConformanceProvider(
        new JpaCapabilityStatementProvider(server, dao, settings, parameters, support));
    server.setPagingProvider(pages);
    server.setServerAddressStrategy(
        new HardcodedServerAddressStrategy(System.getProperty("base")));
    server.registerInterceptor(new UserRequestRetryVersionConflictsInterceptor());
    if (Boolean.getBoolean("validates")) {
      RequestValidatingInterceptor judge = new RequestValidatingInterceptor();
      judge.setValidatorModules(List.of(validator));
      server.registerInterceptor(judge);
    }
    return server;
  }
}
