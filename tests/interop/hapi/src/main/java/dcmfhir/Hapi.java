package dcmfhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.dao.DaoRegistry;
import ca.uhn.fhir.rest.api.server.SystemRequestDetails;
import ca.uhn.fhir.rest.server.RestfulServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.springframework.context.ApplicationContext;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/**
 * Hapi R4|R5 PORT [FILE...]: HAPI FHIR at http://127.0.0.1:PORT/fhir until it is ended. It has the
 * resources of the files already. With -Dvalidates=true it validates what it is given.
 */
class Hapi {
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[1]);
    System.setProperty("base", "http://127.0.0.1:" + port + "/fhir");
    ServletContextHandler root = new ServletContextHandler();
    AnnotationConfigWebApplicationContext beans = new AnnotationConfigWebApplicationContext();
    beans.register(arguments[0].equals("R4") ? Storage.R4.class : Storage.R5.class);
    beans.setServletContext(root.getServletContext());
    beans.refresh();
    for (int i = 2; i < arguments.length; i++) {
      store(beans, Path.of(arguments[i]));
    }
    root.addServlet(new ServletHolder(beans.getBean(RestfulServer.class)), "/fhir/*");
    Server jetty = new Server(new InetSocketAddress("127.0.0.1", port));
    allowEncodedSlashes(jetty);
    jetty.setHandler(root);
    jetty.start();
  }

  /** Past the validator. */
  private static void store(ApplicationContext beans, Path file) throws IOException {
    IBaseResource resource =
        beans.getBean(FhirContext.class).newJsonParser().parseResource(Files.readString(file));
    beans
        .getBean(DaoRegistry.class)
        .getResourceDao(resource)
        .update(resource, new SystemRequestDetails());
  }

  /** Identifiers in a condition may have them. */
  private static void allowEncodedSlashes(Server jetty) {
    ((ServerConnector) jetty.getConnectors()[0])
        .getConnectionFactory(HttpConnectionFactory.class)
        .getHttpConfiguration()
        .setUriCompliance(UriCompliance.UNSAFE);
  }
}
