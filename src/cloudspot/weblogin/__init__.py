"""What an application decides that lets Cloudspot's users in over the web. Pure: no framework, no I/O, no own clock.

revalidation   when a logged-in user is asked about again, and what the answer means
doorbell       what an event of the License server means, for whom, and how far it is believed
attempts       how often somebody may try to log in
targets        where a browser may be sent after logging in
choice         which company a user works in
identity       how a user is told from another
"""
