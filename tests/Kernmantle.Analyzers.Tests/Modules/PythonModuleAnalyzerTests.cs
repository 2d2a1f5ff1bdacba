using Kernmantle.Analyzers.Modules;

namespace Kernmantle.Analyzers.Tests.Modules;

/// <summary>KM0002 to KM0008: each interface that cannot be the face of a Python module.</summary>
public sealed class PythonModuleAnalyzerTests
{
    [Fact]
    public Task One_that_is_right_is_left_alone() => FindsAsync(
        """
        [PythonModule("stats.py")]
        internal partial interface IStats
        {
            Task<double> MeanAsync(ReadOnlyMemory<double> values);
            Task NothingAsync();
            IAsyncEnumerable<int> CountAsync(int until, int step = 1, CallOptions? options = null, CancellationToken token = default);
            [PythonName("Box.doubled")] Task<int> Other([PythonName("class")] string? kind = null, CancellationToken token = default, CallOptions? options = null);
            Task<int> OtherOf(int n) => Other();
            static int Number => 1;
            private int Hidden() => 2;
            int Shown => Hidden();
        }

        internal static partial class Outer
        {
            internal partial record struct Inner
            {
                [PythonModule("shop.stats")]
                private partial interface INested;
            }
        }

        // Not a face: anything goes.
        internal interface IOther<T>
        {
            T Value { get; }
            int Get(ref T value);
        }
        """);

    [Fact]
    public Task One_that_is_not_partial_or_stands_in_what_is_not() => FindsAsync(
        """
        [PythonModule("stats.py")]
        internal interface {|KM0002:IStats|};

        internal static class {|KM0002:Outer|}
        {
            [PythonModule("stats.py")]
            internal partial interface INested;
        }

        [PythonModule("stats.py")]
        file partial interface {|KM0002:IHidden|};
        """);

    [Fact]
    public Task Type_parameters() => FindsAsync(
        """
        [PythonModule("stats.py")]
        internal partial interface {|KM0003:IStats|}<T>
        {
            Task<int> {|KM0003:Get|}<TOther>(TOther value);
        }

        internal partial class {|KM0003:Outer|}<T>
        {
            [PythonModule("stats.py")]
            internal partial interface INested;
        }
        """);

    [Fact]
    public Task Members_that_are_no_methods() => FindsAsync(
        """
        [PythonModule("stats.py")]
        internal partial interface IStats
        {
            int {|KM0004:Value|} { get; }
            int {|KM0004:Other|} { get; set; }
            int {|KM0004:this|}[int i] { get; }
            event Action {|KM0004:Changed|};
            static abstract int {|KM0004:Make|}();
        }

        [PythonModule("stats.py")]
        internal partial interface {|KM0004:IDerived|} : IDisposable;
        """);

    [Fact]
    public Task Other_return_types() => FindsAsync(
        """
        [PythonModule("stats.py")]
        internal partial interface IStats
        {
            double {|KM0005:Mean|}();
            void {|KM0005:Nothing|}();
            ValueTask<double> {|KM0005:Soon|}();
            IEnumerable<int> {|KM0005:Count|}();
            Elsewhere.Task {|KM0005:Other|}();
        }

        namespace Elsewhere
        {
            internal sealed class Task;
        }
        """);

    [Fact]
    public Task Parameters_that_are_no_values() => FindsAsync(
        """
        [PythonModule("stats.py")]
        internal unsafe partial interface IStats
        {
            Task A(ref int {|KM0006:value|});
            Task B(out int {|KM0006:value|});
            Task C(in int {|KM0006:value|});
            Task D(params int[] {|KM0006:values|});
            Task E(ReadOnlySpan<int> {|KM0006:values|});
            Task F(int* {|KM0006:pointer|}, delegate*<int, int> {|KM0006:function|});
            Task G(CallOptions {|KM0006:options|}, int value);
            Task H(CancellationToken {|KM0006:token|}, int value = 1, CallOptions? options = null);
            Task I(CallOptions {|KM0006:options|}, CallOptions other);
        }
        """);

    [Fact]
    public Task Two_methods_of_one_function() => FindsAsync(
        """
        [PythonModule("stats.py")]
        internal partial interface IStats
        {
            Task MeanAsync(int value);
            Task {|KM0007:Mean|}(double value);
            [PythonName("mean")] Task {|KM0007:Other|}();
            [PythonName("mean_of")] Task MeanAsync(string value);
        }
        """);

    [Fact]
    public Task Names_that_are_none() => FindsAsync(
        """
        [PythonModule("")]
        internal partial interface {|KM0008:INothing|};

        [PythonModule("stats:mean")]
        internal partial interface {|KM0008:IFunction|};

        [PythonModule("shop..stats")]
        internal partial interface {|KM0008:IStats|}
        {
            [PythonName("two words")] Task {|KM0008:A|}();
            [PythonName("")] Task {|KM0008:B|}();
            Task C([PythonName("1st")] int {|KM0008:first|} = 1);
            Task D([PythonName("by_its_place")] int {|KM0008:first|});
            Task E([PythonName("token")] CancellationToken {|KM0008:token|} = default);
        }
        """);

    private static Task FindsAsync(string types) => Verify.FindsAsync<PythonModuleAnalyzer>(
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Kernmantle;
        using Kernmantle.Python;

        return;

        {{types}}
        """);
}
