using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kernmantle.Dashboard.Tests;

/// <summary>Pages that are slow, dead, or too many: nobody else notices.</summary>
public sealed class ViewerTests
{
    [Fact]
    public async Task Who_takes_nothing_slows_nothing_and_the_program_stops_with_it()
    {
        await using Site site = await Site.StartAsync(new() { Interval = TimeSpan.FromMilliseconds(100) });
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = site.Name });
        List<Socket> silent = [];
        for (int i = 0; i < 5; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
            silent.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, new Uri(site.Address).Port, TestContext.Current.CancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /kernmantle/events HTTP/1.1\r\nHost: localhost\r\n\r\n"), TestContext.Current.CancellationToken);
        }
        silent[0].Dispose();   // dead, and not just silent
        using HttpResponseMessage other = await OpenAsync(site);
        using var reader = new StreamReader(await other.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int i = 0; i < 1000; i++)
            Assert.Equal(i + 1, await pool.RunAsync(static n => n + 1, i));
        for (int seen = 0; seen < 5;)
            seen += (await reader.ReadLineAsync(TestContext.Current.CancellationToken))!.StartsWith("data: {\"at\"", StringComparison.Ordinal) ? 1 : 0;
        await site.StopAsync().WaitAsync(Waiting.Deadline, TestContext.Current.CancellationToken);
        silent.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public async Task So_many_may_look_and_who_leaves_makes_room()
    {
        await using Site site = await Site.StartAsync(new() { MaxViewers = 1, Interval = TimeSpan.FromMilliseconds(100) });
        using (HttpResponseMessage first = await OpenAsync(site))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            using HttpResponseMessage second = await OpenAsync(site);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.Contains("MaxViewers", await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        await Waiting.Until(
            async () =>
            {
                using HttpResponseMessage third = await OpenAsync(site);
                return third.StatusCode == HttpStatusCode.OK;
            },
            "there is room");
    }

    private static Task<HttpResponseMessage> OpenAsync(Site site) =>
        site.Client.GetAsync(new Uri($"{site.Page}/events"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
}
