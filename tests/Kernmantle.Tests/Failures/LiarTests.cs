using Kernmantle.Tests.Hosting;
using Kernmantle.Victim.Liars;

namespace Kernmantle.Tests.Failures;

/// <summary>
/// Workers that attack their host through the protocol, in a program of their own (tests/Victim): it must live, and every call that is not the liar's must end
/// as it should. A lie that fails is run again alone by <c>Victim --liar LIE TRANSPORT LIVES SEED</c>.
/// </summary>
public abstract class LiarContract(WorkerTransport transport)
{
    private static readonly int Lives = Repetitions.Of(quick: 1, atLength: 3);

    [Fact]
    [Repeated]
    public async Task A_worker_that_lies_harms_itself_alone()
    {
        string seed = Random.Shared.Next().ToString(System.Globalization.CultureInfo.InvariantCulture);
        (int exit, string text) = await Programs.RunAsync(Path.Combine(AppContext.BaseDirectory, "Victim"), ["--liar", string.Join(',', Lies.All), transport.ToString(), $"{Lives}", seed]);
        Assert.True(exit == 0, $"seed {seed}, exit code {exit}: {text}");
        foreach (string lie in Lies.All)
            Assert.Contains($"{lie} over {transport}: {Lives} lives: ", text, StringComparison.Ordinal);
        Assert.Contains(" right, 0 wrong, 0 failed", text, StringComparison.Ordinal);
    }
}

public sealed class SharedMemoryLiarTests() : LiarContract(WorkerTransport.SharedMemory);

[SecondStage]
public sealed class SocketLiarTests() : LiarContract(WorkerTransport.Socket);
