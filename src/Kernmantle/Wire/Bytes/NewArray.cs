using Kernmantle.Platform.Linux;

namespace Kernmantle.Wire.Bytes;

/// <summary>Arrays that are filled at once, and so need not be cleared before.</summary>
internal static class NewArray
{
    public static T[] ToFill<T>(int length)
        where T : unmanaged
    {
        T[] array = GC.AllocateUninitializedArray<T>(length);
        FirstTouch.Prepare<T>(array);
        return array;
    }
}
