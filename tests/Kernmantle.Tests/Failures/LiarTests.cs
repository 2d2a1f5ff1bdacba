using Kernmantle.Tests.Hosting;
using Kernmantle.Victim.Liars;

namespace Kernmantle.Tests.Failures;

/// <summary>
/// Workers that attack their host through the protocol, in a program of their own (tests/Victim): it must live, and every call that is not the liar's must end
/// as it should. A lie that fails is run again by <c>Victim --liar LIE TRANSPORT LIVES SEED</c>.
/// </summary>
public sealed class LiarTests
{
    /// <summary>In the second, what the first has left would be seen.</summary>
    private static readonly int Lives = Repetitions.Of(quick: 2, atLength: 6);

    public static TheoryData<string, WorkerTransport> All()
    {
        var all = new TheoryData<string, WorkerTransport>();
        foreach (string lie in Lies.All)
        {
            all.Add(lie, WorkerTransport.SharedMemory);
            all.Add(lie, WorkerTransport.Socket);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_worker_that_lies_harms_itself_alone(string lie, WorkerTransport transport)
    {
        string seed = Random.Shared.Next().ToString(System.Globalization.CultureInfo.InvariantCulture);
        (int exit, string text) = await Programs.RunAsync(Path.Combine(AppContext.BaseDirectory, "Victim"), ["--liar", lie, transport.ToString(), $"{Lives}", seed]);
        Assert.True(exit == 0, $"seed {seed}, exit code {exit}: {text}");
        Assert.Contains(" right, 0 wrong, 0 failed", text, StringComparison.Ordinal);
    }
}
