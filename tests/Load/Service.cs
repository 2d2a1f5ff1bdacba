using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Load;

/// <summary>samples/WebParser as a process of its own, on a free port of this machine's loopback.</summary>
internal sealed partial class Service : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly Process process;

    private Service(Process process, int id, Uri address)
    {
        (this.process, Id) = (process, id);
        Client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = Deadline };
    }

    public HttpClient Client { get; }

    /// <summary>Of the service itself, as seen from here.</summary>
    public int Id { get; }

    /// <summary>Options with which an endless file holds its worker for a second.</summary>
    public static string[] SlowToGiveUp => ["--Kernmantle:Pools:parsers:Limits:CpuTime", "00:00:01"];

    public static Task<Service> StartAsync(params string[] options) => StartAsync([], options);

    /// <param name="prefix">A command that becomes the service, or its only parent.</param>
    /// <param name="options">Further ones of the service.</param>
    public static async Task<Service> StartAsync(string[] prefix, string[] options)
    {
        string library = typeof(Service).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "TestProgram:WebParser").Value!;
        string[] command = [.. prefix, Path.ChangeExtension(library, null), "--Urls", "http://127.0.0.1:0", "--Logging:LogLevel:Kernmantle", "None", "--Logging:LogLevel:Microsoft.Extensions", "None", .. options];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Path.GetDirectoryName(library)!,
            RedirectStandardOutput = true,
        })!;
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline) is { } line)
        {
            if (Listening.Match(line) is not { Success: true } found)
                continue;
            _ = process.StandardOutput.ReadToEndAsync();   // it must not wait for a reader
            return new(process, prefix.Length > 0 ? ChildProcesses.Of(process.Id).Single() : process.Id, new(found.Value));
        }
        await process.WaitForExitAsync();
        throw new InvalidOperationException($"samples/WebParser ended with {process.ExitCode}, before it took requests.");
    }

    public int[] Workers => ChildProcesses.Of(Id);

    /// <summary>How many calls its pool has taken and not ended.</summary>
    public async Task<int> CallsUnderWayAsync()
    {
        JsonElement data = (await Client.GetFromJsonAsync<JsonElement>("/health")).GetProperty("pools").GetProperty("kernmantle:parsers").GetProperty("data");
        return data.GetProperty("running").GetInt32() + data.GetProperty("queued").GetInt32();
    }

    public async Task TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task<int> WaitForEndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return process.ExitCode;
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Listening { get; }
}
