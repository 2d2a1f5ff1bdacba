using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

/// <summary>Runs the pool's <c>OnWorkerStart</c> before the worker takes calls.</summary>
internal sealed class Initializer(FunctionTable functions, CallRunner runner, MainThread main, CallLinks links)
{
    /// <summary>False if it failed, in whatever way: then that was sent.</summary>
    public bool TryRun(ref PayloadReader hello)
    {
        byte[] descriptor = hello.ReadBytes(hello.ReadInt32()).ToArray();
        byte[] payload = hello.ReadBytes(hello.Remaining).ToArray();
        try
        {
            runner.InContext(links, 1, () => Run(descriptor, payload));
            return true;
        }
        catch (Exception e)
        {
            links.EndFailed(e);
            return false;
        }
    }

    private void Run(byte[] descriptor, byte[] payload)
    {
        var reader = new PayloadReader(payload, links);
        PreparedCall call = functions.Resolve(descriptor).Prepare(ref reader, null, 0);
        call.Invoke(main, links.Token);
    }
}
