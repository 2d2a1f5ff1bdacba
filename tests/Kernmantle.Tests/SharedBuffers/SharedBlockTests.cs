using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.SharedBuffers;

/// <summary>Memory that workers keep.</summary>
public sealed class SharedBlockTests
{
    /// <summary>Whoever waits for the worker hears of its end all the same, and the memory goes back.</summary>
    [Fact]
    public void What_goes_wrong_in_clearing_up_behind_a_worker_is_returned_and_its_reference_is_gone()
    {
        var content = new Unclearable();
        bool freed = false;
        using SharedBlock block = SharedBlock.Create(4096, _ => freed = true, content);
        block.AddReference();
        Assert.IsType<IOException>(block.EndFor(7, new ProcessEnd(3, null, TimeSpan.Zero, null, 0, 0)));
        Assert.False(freed);
        block.Release();
        Assert.True(freed);
    }

    /// <summary>Its memory may be another buffer's by then.</summary>
    [Fact]
    public void Nobody_refers_again_to_what_nobody_refers_to()
    {
        bool freed = false;
        using SharedBlock block = SharedBlock.Create(4096, _ => freed = true, new Unclearable());
        block.AddReferenceIfAlive();
        block.Release();
        block.Release();
        Assert.True(freed);
        Assert.Throws<ObjectDisposedException>(block.AddReferenceIfAlive);
    }

    private sealed class Unclearable : IBlockContent
    {
        public BlockUse Use => BlockUse.Buffer;

        public IReadOnlyList<SafeFileHandle> Attachments => [];

        public void OnLent(int worker, string name, ILogger log)
        {
        }

        public void OnWorkerEnded(SharedBlock block, int worker, ProcessEnd end) => throw new IOException("disk");

        public void OnFree(SharedBlock block)
        {
        }
    }
}
