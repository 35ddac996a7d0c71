package dcmfhir;

import ca.uhn.fhir.rest.server.RestfulServer;
import java.net.InetSocketAddress;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/** Hapi R4|R5 PORT: HAPI FHIR at http://127.0.0.1:PORT/fhir until it is ended. */
class Hapi {
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[1]);
    System.setProperty("base", "http://127.0.0.1:" + port + "/fhir");
    ServletContextHandler root = new ServletContextHandler();
    AnnotationConfigWebApplicationContext beans = new AnnotationConfigWebApplicationContext();
    beans.register(arguments[0].equals("R4") ? Storage.R4.class : Storage.R5.class);
    beans.setServletContext(root.getServletContext());
    beans.refresh();
    root.addServlet(new ServletHolder(beans.getBean(RestfulServer.class)), "/fhir/*");
    Server jetty = new Server(new InetSocketAddress("127.0.0.1", port));
    allowEncodedSlashes(jetty);
    jetty.setHandler(root);
    jetty.start();
  }

  /** Identifiers in a condition may have them. */
  private static void allowEncodedSlashes(Server jetty) {
    ((ServerConnector) jetty.getConnectors()[0])
        .getConnectionFactory(HttpConnectionFactory.class)
        .getHttpConfiguration()
        .setUriCompliance(UriCompliance.UNSAFE);
  }
}
