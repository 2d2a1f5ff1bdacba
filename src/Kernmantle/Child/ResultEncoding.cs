using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

internal static class ResultEncoding
{
    /// <exception cref="CallRefusal">The result cannot cross.</exception>
    public static void EncodeResult(this PooledBuffer body, PreparedCall call)
    {
        try
        {
            var writer = new PayloadWriter(body);
            call.WriteResult(ref writer);
        }
        catch (WorkerException e) when (IsRefusal(e))
        {
            throw new CallRefusal(e);
        }
    }

    /// <exception cref="CallRefusal">The stream's current item cannot cross.</exception>
    public static void EncodeItem(this PooledBuffer body, PreparedCall call)
    {
        try
        {
            var writer = new PayloadWriter(body);
            call.WriteCurrent(ref writer);
        }
        catch (WorkerException e) when (IsRefusal(e))
        {
            throw new CallRefusal(e);
        }
    }

    public static bool IsRefusal(Exception exception) => exception is NotPortableException or PayloadTooLargeException;
}
