using System.Threading.Channels;

namespace Kernmantle.Tests.Channels;

/// <summary>One that has a channel and writes anything into its memory, its queue or its file: those who keep to the protocol neither crash nor hang, and no item of theirs is missing without a word.</summary>
public sealed partial class HostilePartyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-channel-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private WorkerChannel<T> Make<T>(ChannelTransport transport, BoundedChannelFullMode mode = BoundedChannelFullMode.Wait, bool redeliver = false) => WorkerChannel.Create<T>(new()
    {
        Capacity = 5,
        BufferBytes = 4096,
        Transport = transport,
        FullMode = mode,
        Redeliver = redeliver,
        Path = transport == ChannelTransport.File ? Path.Combine(folder, $"{Guid.NewGuid():N}.log") : null,
    });

    /// <summary>Each round from a seed of its own, which a failure tells.</summary>
    private static async Task FuzzAsync(int rounds, Func<Random, int, Task> tryOnce)
    {
        for (int round = 0; round < rounds; round++)
        {
            if (round % 100 == 99)
            {
                GC.Collect();   // descriptors go back with their owners
                GC.WaitForPendingFinalizers();
            }
            try
            {
                await tryOnce(new(unchecked(Fuzzing.Seed + round)), round);
            }
            catch (Exception e)
            {
                Assert.Fail($"KERNMANTLE_FUZZ_SEED={unchecked(Fuzzing.Seed + round)}, in the first round: {e}");
            }
        }
    }
}
